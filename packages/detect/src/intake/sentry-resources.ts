import * as z from 'zod'
import { parseWith } from './parse-with.ts'
import type { RawAlert } from './raw-alert.ts'

const text = z.string().nullish()
/** Ids come as numbers and as texts. */
const id = z.union([z.string().max(200), z.number()]).nullish()

const eventSchema = z.object({
  title: text,
  culprit: text,
  level: text,
  web_url: text,
  url: text,
  issue_id: id,
  event_id: id,
  environment: text,
  release: text,
  tags: z
    .array(z.tuple([text, text]).rest(z.unknown()))
    .nullish()
    .catch(null),
})
const issueSchema = z.object({
  id,
  shortId: text,
  title: text,
  culprit: text,
  level: text,
  permalink: text,
  web_url: text,
  project: z.object({ slug: text, name: text }).nullish().catch(null),
})

/** One schema a resource; the fields that we read and no others. */
const resources = {
  event_alert: z.object({ data: z.object({ event: eventSchema, triggered_rule: text }) }),
  error: z.object({ data: z.object({ error: eventSchema }) }),
  issue: z.object({ action: z.string(), data: z.object({ issue: issueSchema }) }),
  metric_alert: z.object({
    action: z.string(),
    data: z.object({
      description_title: text,
      description_text: text,
      web_url: text,
      metric_alert: z.object({
        id,
        alert_rule: z.object({ name: text, projects: z.array(z.string()).nullish() }).nullish(),
      }),
    }),
  }),
}

/** The alerts in a delivery of that resource. Installations, comments and what is not known say nothing: no alerts. */
export function readSentry(resource: string, body: unknown): readonly RawAlert[] {
  switch (resource) {
    case 'event_alert': {
      const { event, triggered_rule } = parseWith(resources.event_alert, body).data
      return eventAlert(event, { rule: triggered_rule, level: event.level, tags: event.tags ?? [] })
    }
    case 'error': {
      const { error } = parseWith(resources.error, body).data
      const tags = (error.tags ?? []).filter(([name]) => name !== 'level')
      return eventAlert(error, { rule: null, level: unruled(error.level), tags })
    }
    case 'issue': {
      const { action, data } = parseWith(resources.issue, body)
      return issueAlert(data.issue, action)
    }
    case 'metric_alert':
      return metricAlert(parseWith(resources.metric_alert, body))
    default:
      return []
  }
}

/** Nobody made a rule that asks to be told: what is not fatal is for the daily review. */
function unruled(level: string | null | undefined): string {
  return level === 'fatal' ? 'fatal' : 'low'
}

type Event = z.infer<typeof eventSchema>
interface Judged {
  readonly rule: string | null | undefined
  readonly level: string | null | undefined
  readonly tags: readonly (readonly unknown[])[]
}

function eventAlert(event: Event, { rule, level, tags }: Judged): readonly RawAlert[] {
  const project = /\/projects\/[^/]{1,100}\/([^/]{1,100})\//.exec(event.url ?? '')?.[1]
  const about = [
    ...labelled('project', project),
    ...labelled('rule', rule),
    ...labelled('environment', event.environment),
    ...labelled('release', event.release),
  ]
  return [
    {
      name: event.title || 'Sentry event',
      status: 'firing',
      summary: [event.title, event.culprit].filter(Boolean).join(' in ') || undefined,
      labels: [...about, ...tags.flatMap(([name, value]) => tagged(name, value))],
      annotations: [],
      fingerprint: `issue-${event.issue_id ?? event.event_id ?? event.title ?? 'unknown'}`,
      level: level ?? undefined,
      links: [{ title: 'Sentry', url: event.web_url ?? undefined }],
    },
  ]
}

function tagged(name: unknown, value: unknown): string[] {
  return typeof name === 'string' && typeof value === 'string' && name !== '' && value !== ''
    ? [name.slice(0, 128), value.slice(0, 16_384)]
    : []
}

const issueStatuses: Readonly<Record<string, RawAlert['status']>> = {
  created: 'firing',
  unresolved: 'firing',
  resolved: 'resolved',
  ignored: 'resolved',
  archived: 'resolved',
}

function issueAlert(issue: z.infer<typeof issueSchema>, action: string): readonly RawAlert[] {
  const status = issueStatuses[action]
  if (status === undefined) return []
  return [
    {
      name: issue.title || 'Sentry issue',
      status,
      summary: [issue.title, issue.culprit].filter(Boolean).join(' in ') || undefined,
      labels: [...labelled('project', issue.project?.slug), ...labelled('issue', issue.shortId)],
      annotations: [],
      fingerprint: `issue-${issue.id ?? issue.title ?? 'unknown'}`,
      level: unruled(issue.level),
      links: [{ title: 'Sentry', url: issue.permalink || issue.web_url || undefined }],
    },
  ]
}

function metricAlert({ action, data }: z.infer<typeof resources.metric_alert>): readonly RawAlert[] {
  const { metric_alert, description_title, description_text, web_url } = data
  const rule = metric_alert.alert_rule
  if (!['critical', 'warning', 'resolved'].includes(action)) return []
  return [
    {
      name: description_title || rule?.name || 'Sentry metric alert',
      status: action === 'resolved' ? 'resolved' : 'firing',
      summary: [description_title, description_text].filter(Boolean).join(': ') || undefined,
      labels: [...labelled('project', rule?.projects?.[0]), ...labelled('rule', rule?.name)],
      annotations: [],
      fingerprint: `metric-${metric_alert.id ?? rule?.name ?? 'unknown'}`,
      level: action,
      links: [{ title: 'Sentry', url: web_url ?? undefined }],
    },
  ]
}

function labelled(name: string, value: string | null | undefined): string[] {
  return value ? [name, value] : []
}
