import { join } from 'node:path'
import type { BusinessCalendar } from '@firebreak/core/calendar'
import {
  InvalidInput,
  type Clock,
  type DeployTarget,
  type HealthSource,
  type Incident,
  type Link,
  type Notifier,
  type Part,
  type View,
} from '@firebreak/core'
import { createPager, markdownFileNotifier, standardRoutes, type NextStep, type Routes } from '@firebreak/notify'
import { createMitigator, standardAutomation, type Automation, type MitigatorOptions } from '@firebreak/rollback'
import type { AnyPart } from './loop/plan.ts'
import { evidenceFiles } from './parts/evidence-file.ts'
import { createInvestigator, type EvidenceCollector } from './parts/investigate.ts'
import { createResolver, type BakeMs } from './parts/resolver.ts'
import { createScribe } from './parts/scribe.ts'

export interface RunbookOptions {
  /** Who is behind each role. P0 and P1 must reach somebody who is woken by it. */
  readonly people: {
    readonly manager: Notifier | readonly Notifier[]
    readonly engineer: Notifier | readonly Notifier[]
  } & Readonly<Record<string, Notifier | readonly Notifier[]>>
  /** Where the service runs. Without it nothing is ever changed. */
  readonly target?: DeployTarget | undefined
  /** What users get: for the impact, the six tests, and the judgement of a rollback. */
  readonly health?: HealthSource | undefined
  readonly routes?: Routes | undefined
  readonly automation?: Automation | undefined
  /** Business hours, for P2. Default: Monday to Friday, 9 to 17, in `timeZone`. */
  readonly calendar?: BusinessCalendar | undefined
  /** IANA zone of the times in pages; default 'UTC'. */
  readonly timeZone?: string | undefined
  /** The folder of `deployment.md` and `manager.md`; without it there are no feedback files. */
  readonly feedback?: string | undefined
  /** The folder of post-mortem drafts; without it none are written. */
  readonly postmortems?: string | undefined
  readonly evidence?:
    | { readonly folder: string; readonly collectors?: readonly EvidenceCollector[] | undefined }
    | undefined
  /** How long a service must be well before its incident is closed; default `standardBake`: P0, P1 10 min, P2, P3 30 min. */
  readonly bakeMs?: BakeMs | undefined
  /** Where to acknowledge, stop and look: at the foot of every page, never fetched. When it throws, pages go out without. Must be pure. */
  readonly links?: ((incident: Readonly<Incident>) => readonly Link[]) | undefined
  /**
   * What else is asked: other services and the platform by the six tests; earlier incidents and probes of the past before an
   * image counts as proven; a probe of one machine where there is little traffic.
   */
  readonly around?: Pick<MitigatorOptions, 'neighbours' | 'platform' | 'incidents' | 'probes' | 'probe'> | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly clock?: Clock | undefined
}

/** The runbook as parts: investigate, mitigate, page, resolve, write down. Picks and wires; the parts judge. */
export function standardRunbook(options: RunbookOptions): readonly AnyPart[] {
  if (typeof (options as RunbookOptions | undefined)?.people !== 'object')
    throw new InvalidInput('people', 'are missing: give standardRunbook({ people: { manager, engineer } })')
  const { people, target, health, routes = standardRoutes, feedback, postmortems, evidence, clock, timeZone } = options
  const records: Record<string, Notifier> =
    feedback === undefined
      ? {}
      : {
          'deployment-log': markdownFileNotifier({ path: join(feedback, 'deployment.md'), timeZone, clock }),
          'manager-log': markdownFileNotifier({ path: join(feedback, 'manager.md'), timeZone, clock }),
        }
  const mitigator =
    target === undefined
      ? undefined
      : createMitigator({
          target,
          health,
          automation: options.automation ?? standardAutomation,
          clock,
          ...options.around,
        })
  return [
    createInvestigator({
      target,
      health,
      collectors: evidence?.collectors,
      vault: evidence === undefined ? undefined : evidenceFiles(evidence.folder),
    }),
    ...(mitigator === undefined ? [] : [mitigator]),
    ...createPager({
      people: { ...records, ...people },
      routes,
      calendar: options.calendar,
      timeZone,
      fetch: options.fetch,
      links: options.links,
      next: (incident, view) => (mitigator === undefined ? [] : announced(mitigator, incident, view)),
    }),
    createResolver({ bakeMs: options.bakeMs }),
    ...(postmortems === undefined ? [] : [createScribe({ directory: postmortems })]),
  ]
}

/** What a page promises of the mitigator: its own plan, with its times. Looking at the world is nobody's news. */
function announced(mitigator: Part, incident: Readonly<Incident>, view: View): NextStep[] {
  return mitigator.plan(incident, view).flatMap((action) => {
    if (!('effect' in action) || action.key.startsWith('suspect/')) return []
    return [{ at: Math.max(view.now, action.notBefore ?? view.now), what: `${action.key}: ${action.why}` }]
  })
}
