/**
 * The timeline, the figures and the post-mortem of one incident, from its events. Pure and deterministic; whatever others
 * wrote is cleaned of secrets and control characters and escaped for where it is shown. Not exported: the document's parts.
 */

export type { TimelineEntry, TimelineOptions } from './timeline-entries.ts'
export type { RenderTimelineOptions } from './render-timeline.ts'
export type { IncidentMeasures, Measure, MeasureName, MeasureOptions } from './measure-incident.ts'
export type { PageCounts } from './count-pages.ts'
export type { PostmortemOptions } from './render-postmortem.ts'

// the timeline
export { timelineEntries } from './timeline-entries.ts'
export { renderTimeline } from './render-timeline.ts'

// the figures
export { measureIncident } from './measure-incident.ts'
export { elapsed as formatElapsed } from './elapsed.ts'

// the document
export { postmortemBlanks, renderPostmortem } from './render-postmortem.ts'
