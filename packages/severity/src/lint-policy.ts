import { compareSeverity, formatDuration, severities, type Severity } from '@firebreak/core'
import { exactPercent } from './document/exact-figures.ts'
import { lintBands } from './lint-bands.ts'
import type { BurnRateRule, ResponseTime, SeverityPolicy } from './policy.ts'
import type { PolicyProblem } from './policy-refused.ts'

/** Everything in a policy that contradicts itself; empty for a sound one. The shape is checked by `defineSeverityPolicy`. */
export function lintSeverityPolicy(policy: SeverityPolicy): readonly PolicyProblem[] {
  return [
    ...lintResponses(policy),
    ...lintBands('errorRate', policy.errorRate.bands, exactPercent),
    ...lintBands('latency', policy.latency.bands, (value) => `${value} ×`),
    ...Object.entries(policy.capacity).flatMap(([resource, bands]) =>
      lintBands(`capacity.${resource}`, bands, exactPercent),
    ),
    ...lintFacts(policy),
    ...lintFewRequests(policy),
    ...lintBurnRates(policy),
  ]
}

function unordered(rule: string, levels: readonly Severity[], what: string): PolicyProblem {
  return { code: 'POLICY_UNORDERED', rule, levels: levels.toSorted(compareSeverity), message: `${rule}: ${what}` }
}

function lintResponses({ levels }: SeverityPolicy): readonly PolicyProblem[] {
  return severities.flatMap((level, index): PolicyProblem[] => {
    const response = levels[level]?.response
    if (response === undefined) {
      const message = `levels.${level}: ${level} has no response time; say by when somebody has to look`
      return [{ code: 'POLICY_NO_RESPONSE_TIME', rule: 'levels', levels: [level], message }]
    }
    const worse = severities[index - 1]
    const sooner = worse === undefined ? undefined : levels[worse]?.response
    if (worse === undefined || sooner === undefined || !slower(sooner, response)) return []
    return [
      unordered('levels', [worse, level], `${worse} may wait longer than ${level}; a worse level is answered sooner`),
    ]
  })
}

const pace: Readonly<Record<ResponseTime['kind'], number>> = { elapsed: 0, businessHours: 1, dailyReview: 2 }

function slower(worse: ResponseTime, milder: ResponseTime): boolean {
  if (worse.kind !== milder.kind) return pace[worse.kind] > pace[milder.kind]
  return worse.kind !== 'dailyReview' && milder.kind !== 'dailyReview' && worse.withinMs > milder.withinMs
}

/** Of two facts about the same thing, the graver one must not be the milder level. */
function lintFacts({ outage, checks, function: broken, dependency, crash }: SeverityPolicy): readonly PolicyProblem[] {
  const pairs: readonly (readonly [string, string, Severity, string, Severity])[] = [
    ['outage', 'a complete outage', outage.complete, 'a partial one', outage.partial],
    ['checks', 'no passing check', checks.none, 'some failing checks', checks.some],
    ['function', 'a broken critical function', broken.critical, 'a broken other function', broken.other],
    ['dependency', 'an unavailable database', dependency.database, 'another dependency', dependency.other],
    ['crash', 'a crash loop', crash.repeated, 'fewer crashes', crash.fewer],
  ]
  return pairs
    .filter(([, , grave, , mild]) => compareSeverity(grave, mild) > 0)
    .map(([rule, graver, grave, milder, mild]) =>
      unordered(rule, [grave, mild], `${graver} is ${grave}, but ${milder} is ${mild}; the graver must not be milder`),
    )
}

function lintFewRequests({ errorRate }: SeverityPolicy): readonly PolicyProblem[] {
  const { atMost } = errorRate.fewRequests
  if (errorRate.bands.length === 0 || errorRate.bands.some(({ level }) => level === atMost)) return []
  const levels = errorRate.bands.map(({ level }) => level).join(', ')
  return [unordered('errorRate.fewRequests', [atMost], `atMost is ${atMost}, but the bands have only ${levels}`)]
}

function lintBurnRates({ burnRate, slo }: SeverityPolicy): readonly PolicyProblem[] {
  return burnRate.flatMap((rule, index) => {
    const problems: PolicyProblem[] = []
    if (slo !== undefined && rule.factor * (1 - slo) >= 1) problems.push(impossible(rule, slo))
    if (rule.shortMs >= rule.longMs)
      problems.push(
        unordered('burnRate', [rule.level], `${name(rule)}: the short window must be shorter than the long one`),
      )
    for (const other of burnRate.slice(0, index)) {
      if (other.longMs === rule.longMs && other.shortMs === rule.shortMs) {
        const message = `burnRate: ${name(other)} and ${name(rule)} share their windows; only one can decide`
        problems.push({ code: 'POLICY_OVERLAP', rule: 'burnRate', levels: [other.level, rule.level], message })
      }
      const order = compareSeverity(other.level, rule.level)
      if ((order < 0 && other.factor <= rule.factor) || (order > 0 && other.factor >= rule.factor))
        problems.push(
          unordered(
            'burnRate',
            [other.level, rule.level],
            `${name(other)} and ${name(rule)}: the worse level needs the higher factor`,
          ),
        )
    }
    return problems
  })
}

/** All requests failing burn at 1 / (1 - slo): a rule at or over that never fires. */
function impossible(rule: BurnRateRule, slo: number): PolicyProblem {
  const needed = exactPercent(Number((1 - 1 / rule.factor).toPrecision(6)))
  return {
    code: 'POLICY_IMPOSSIBLE_BURN_RATE',
    rule: 'burnRate',
    levels: [rule.level],
    message: `burnRate: ${name(rule)} can never fire at an slo of ${exactPercent(slo)}; it needs more than ${needed}`,
  }
}

function name({ level, factor, longMs, shortMs }: BurnRateRule): string {
  return `${level}'s rule ${factor} (${formatDuration(longMs)} and ${formatDuration(shortMs)})`
}
