import {
  redact,
  TimeoutError,
  type DeployTarget,
  type EvidenceCaptured,
  type HealthSample,
  type HealthSource,
  type ImpactEstimated,
  type Incident,
  type NewEvent,
  type Outcome,
  type Part,
  type PerformContext,
} from '@firebreak/core'

/** One thing worth saving before it is overwritten: logs around the onset, machine events, configuration. */
export interface EvidenceItem {
  readonly kind: string
  /** One line with figures, no excerpts: it goes into the log and the post-mortem. */
  readonly summary: string
  /** The raw thing. Stays in a local file, mode 0600. */
  readonly raw?: string | undefined
}

export interface EvidenceCollector {
  readonly name: string
  collect(context: {
    service: string
    since: number
    until: number
    signal: AbortSignal
  }): Promise<readonly EvidenceItem[]>
}

/** Keeps raw evidence out of the log: gives back where it is. */
export interface EvidenceVault {
  save(
    incident: Readonly<Incident>,
    items: readonly EvidenceItem[],
  ): Promise<{ file: string; digests: readonly string[] }>
}

export interface InvestigateOptions {
  readonly target?: DeployTarget | undefined
  readonly health?: HealthSource | undefined
  readonly collectors?: readonly EvidenceCollector[] | undefined
  readonly vault?: EvidenceVault | undefined
  /** No write waits longer for evidence, or for the figures of the impact, than this, in milliseconds; default 5,000. */
  readonly timeLimitMs?: number | undefined
  /** How much before the onset is looked at, in milliseconds; default 10 min. */
  readonly lookBackMs?: number | undefined
}

/** Step 2: what is affected and how badly, and what would be lost by the first write. Reads only. */
export function createInvestigator(options: InvestigateOptions): Part {
  return {
    name: 'investigate',
    plan(incident) {
      if (incident.version === 0 || incident.severity === null || incident.status === 'resolved')
        return closing(incident)
      const effect = (key: string, why: string) => ({ key, why, effect: { step: key } })
      const round = incident.reopened + 1
      // What a warning left behind is little help at P0: a raise looks again.
      const stage = incident.worst === 'P0' || incident.worst === 'P1' ? 'urgent' : 'early'
      return [
        effect(`investigate/${round}/impact/${incident.worst ?? 'P3'}`, 'how many requests failed, and where'),
        effect(`investigate/${round}/evidence/${stage}`, 'a change of version erases what explains it'),
        ...closing(incident),
      ]
    },
    async perform({ key }, context) {
      return key.includes('/evidence/') ? captureEvidence(options, context) : estimateImpact(options, context)
    },
  }
}

/** The final figure, once the service is well. */
function closing(incident: Readonly<Incident>) {
  if (incident.verifiedAt === undefined && incident.resolvedAt === undefined) return []
  const key = `investigate/${incident.reopened + 1}/final-impact`
  return [{ key, why: 'the final count of failed requests', effect: { step: key } }]
}

/** Milliseconds. */
const shortestSpanMs = 15_000
/** Figures that cannot be read so often are not known. */
const enoughAttempts = 3

async function estimateImpact(options: InvestigateOptions, context: PerformContext): Promise<Outcome> {
  const { subject, clock, attempt } = context
  const until = subject.resolvedAt ?? clock.now()
  // At the opening the onset is now, and a span of nothing has no figures.
  const since = Math.min(subject.onsetAt, until - shortestSpanMs)
  const sample = await sampleInTime(options, { since, until }, context).catch((error: unknown) => {
    // Not known is an answer, too: nobody is woken for a count, and no write waits longer for one.
    if (attempt < enoughAttempts && !(error instanceof TimeoutError)) throw error
    return undefined
  })
  const data: ImpactEstimated = {
    service: subject.service,
    requests: sample?.requests ?? null,
    failedRequests: sample?.errors ?? null,
    share: sample?.errorRatio ?? null,
    regions: sample === undefined ? [] : affectedRegions(sample),
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
  }
  return { events: [{ type: 'impact.estimated', actor: 'investigate', data }] }
}

async function sampleInTime(
  options: InvestigateOptions,
  span: { readonly since: number; readonly until: number },
  context: PerformContext,
): Promise<HealthSample | undefined> {
  if (options.health === undefined) return undefined
  return withinLimit(options.health.sample({ ...span, signal: context.signal }), options, context)
}

function affectedRegions({ regions = {} }: HealthSample): string[] {
  return Object.entries(regions)
    .filter(([, { errors }]) => (errors ?? 0) > 0)
    .map(([region]) => region)
    .toSorted()
}

async function captureEvidence(options: InvestigateOptions, context: PerformContext): Promise<Outcome> {
  const { subject, clock } = context
  const { collectors = [], target, lookBackMs = 10 * 60_000, vault } = options
  const since = subject.onsetAt - lookBackMs
  const question = { service: subject.service, since, until: clock.now(), signal: context.signal }
  const missing: string[] = []
  const all = target === undefined ? collectors : [targetCollector(target), ...collectors]
  const found = await Promise.all(
    all.map((collector) =>
      withinLimit(collector.collect(question), options, context).catch((error: unknown) => {
        missing.push(
          `${collector.name}: ${redact(error instanceof Error ? error.message : String(error)).slice(0, 200)}`,
        )
        return []
      }),
    ),
  )
  const items = found.flat()
  const saved = items.some(({ raw }) => raw !== undefined) ? await vault?.save(subject, items) : undefined
  const data: EvidenceCaptured = {
    service: subject.service,
    items: items.map(({ kind, summary }, index) => {
      const digest = saved?.digests[index]
      return { kind, summary: redact(summary), ...(digest === undefined ? {} : { digest }) }
    }),
    ...(saved === undefined ? {} : { file: saved.file }),
    ...(missing.length === 0 ? {} : { missing }),
  }
  const event: NewEvent = { type: 'evidence.captured', actor: 'investigate', data }
  return { events: [event] }
}

/** Evidence that does not come in time is named as missing; it does not keep a production from being mended. */
async function withinLimit<T>(
  work: Promise<T>,
  { timeLimitMs = 5_000 }: InvestigateOptions,
  { clock, signal }: PerformContext,
): Promise<T> {
  const timer = new AbortController()
  const follow = () => timer.abort()
  signal.addEventListener('abort', follow, { once: true })
  const late = clock
    .sleep(timeLimitMs, timer.signal)
    .then(() => Promise.reject(new TimeoutError(`did not answer within ${timeLimitMs} ms`, timeLimitMs)))
  try {
    return await Promise.race([work, late])
  } finally {
    late.catch(() => undefined)
    timer.abort()
    signal.removeEventListener('abort', follow)
  }
}

/** What every target can tell: releases, and what each unit runs. */
function targetCollector(target: DeployTarget): EvidenceCollector {
  return {
    name: 'target',
    async collect({ signal }) {
      const [releases, units] = await Promise.all([target.releases({ limit: 10, signal }), target.units({ signal })])
      const [newest] = releases
      return [
        {
          kind: 'releases',
          summary:
            newest === undefined
              ? 'no release'
              : `newest is v${newest.version} (${newest.status}) of ${newest.createdAt}`,
          raw: JSON.stringify(releases),
        },
        {
          kind: 'units',
          summary: `${units.length} units, ${units.filter(({ state }) => state === 'started').length} started`,
          raw: JSON.stringify(units),
        },
      ]
    },
  }
}
