import { severities, type Severity } from '@firebreak/core'
import type { Band, LevelPolicy, SeverityPolicy } from '../policy.ts'
import type { Bounds } from './bounds-text.ts'
import { type BandRule, type Draft, settingsOf } from './draft.ts'
import { factNames, withFacts } from './facts.ts'
import { bandsOf } from './rows.ts'

/** A policy from what a document states; what it leaves out is taken from `base` and named in `assumed`. */
export function assemble(draft: Draft, base: SeverityPolicy): { policy: SeverityPolicy; assumed: readonly string[] } {
  const assumed: string[] = []
  const given = <T>(value: T | undefined, field: string, fallback: T): T => {
    if (value === undefined) assumed.push(field)
    return value ?? fallback
  }
  const name = given(draft.name, 'name', base.name)
  const levels = { ...base.levels }
  for (const level of severities) levels[level] = assembleLevel(draft, level, base, given)
  const bands = (rule: BandRule) => assembleBands(draft, rule, bandsOf(base, rule), assumed)
  const facts = withFacts(base, draft.facts)
  for (const fact of factNames) if (!draft.facts.has(fact)) assumed.push(fact)
  const loop = given(draft.crashLoop, 'crash.count', base.crash)
  const settings = { ...settingsOf(base) }
  for (const field of Object.keys(settings)) if (!Object.hasOwn(draft.settings, field)) assumed.push(field)
  const { slo, faceValueFrom, boundFrom, z, atMost, fewRequestsWindowsMs, staleAfterMs, ...others } = {
    ...settings,
    ...draft.settings,
  }
  const { minimumDifferenceMs, minimumSamples, evaluateEveryMs, windowsMs, raiseAfter, lowerAfterMs, exitFactor } =
    others
  const { slo: _slo, ...rest } = facts
  const policy: SeverityPolicy = {
    ...rest,
    name,
    levels,
    errorRate: {
      bands: bands('errorRate'),
      fewRequests: { faceValueFrom, boundFrom, z, atMost, windowsMs: fewRequestsWindowsMs },
    },
    latency: { bands: bands('latency'), minimumDifferenceMs, minimumSamples },
    crash: { ...facts.crash, count: loop.count, windowMs: loop.windowMs },
    capacity: { disk: bands('disk'), memory: bands('memory'), cpu: bands('cpu'), concurrency: bands('concurrency') },
    burnRate: given(draft.whole.has('burnRate') ? draft.burnRate : undefined, 'burnRate', base.burnRate),
    ...(slo === null ? {} : { slo }),
    timing: {
      evaluateEveryMs,
      windowsMs,
      raiseAfter,
      lowerAfterMs,
      exitFactor,
      ...(staleAfterMs === null ? {} : { staleAfterMs }),
    },
  }
  return { policy, assumed }
}

type Given = <T>(value: T | undefined, field: string, fallback: T) => T

function assembleLevel({ levels }: Draft, level: Severity, base: SeverityPolicy, given: Given): LevelPolicy {
  const stated = levels.get(level)
  const { title, summary, response, actions } = base.levels[level]
  return {
    title: given(stated?.title, `levels.${level}.title`, title),
    summary: given(stated?.summary, `levels.${level}.summary`, summary),
    response: given(stated?.response, `levels.${level}.response`, response),
    actions: given(stated?.actions, `levels.${level}.actions`, actions),
  }
}

/** A range that a person wrote ends where the next worse begins: "5-10%" below "10-50%" excludes its 10 %. */
function assembleBands(draft: Draft, rule: BandRule, base: readonly Band[], assumed: string[]): readonly Band[] {
  const stated = draft.bands.get(rule)
  const levels = new Map<Severity, Bounds & { readonly note?: string }>(stated)
  if (!draft.whole.has(rule))
    for (const { level, ...band } of base) {
      if (levels.has(level)) continue
      levels.set(level, band)
      assumed.push(`${rule}.${level}`)
    }
  const bands: Band[] = []
  for (const level of severities) {
    const bounds = levels.get(level)
    if (bounds === undefined) continue
    const worse = bands.at(-1)
    const shared = bounds.to !== undefined && worse?.from === bounds.to
    const { to, ...open } = bounds
    bands.push(shared && to !== undefined ? { level, ...open, below: to } : { level, ...bounds })
  }
  return bands
}
