import { formatPercent, oneLine, type SuspectTest } from '@firebreak/core'
import type { Accused } from './accuse.ts'
import type { SuspectNumbers } from './automation.ts'
import { pool } from './judge-unit.ts'
import type { ImageBook } from './images.ts'
import type { UnitHealth } from './illness.ts'
import { span } from './plain-text.ts'
import { liveAt } from './release-history.ts'
import type { SuspectFacts } from './suspect-facts.ts'

/** What each test is asked of: the facts, and the release under suspicion. */
export interface Suspicion extends Accused {
  readonly facts: SuspectFacts
  readonly units: readonly UnitHealth[]
  readonly book: ImageBook
  readonly numbers: SuspectNumbers
}

type Verdict = Omit<SuspectTest, 'test'>

/** Went live shortly before the onset, and not after it. */
export function timeTest({ facts, release, numbers }: Suspicion): Verdict {
  const lead = facts.onsetAt - liveAt(release)
  const limits = { observed: lead, threshold: numbers.maxAgeMs }
  if (lead < 0) return { ...limits, answer: 'no', why: `v${release.version} went live ${span(-lead)} after the onset` }
  const why = `v${release.version} went live ${span(lead)} before the onset`
  if (lead > numbers.maxAgeMs) return { ...limits, answer: 'no', why: `${why}, more than ${span(numbers.maxAgeMs)}` }
  return { ...limits, answer: 'yes', why }
}

/** Those that run it are ill, the others are not, and it is not just one region or host. */
export function placeTest({ release, units, book, numbers }: Suspicion): Verdict {
  const ill = units.filter(({ ill: kind }) => kind !== undefined)
  if (ill.length === 0) return { answer: 'unknown', why: 'no machine can be told to be ill' }
  const runs = ({ unit }: UnitHealth) => book.compare(unit, release) === 'same'
  const illOnIt = ill.filter(runs)
  const part = illOnIt.length / ill.length
  const counted = { observed: part, threshold: numbers.illShare }
  const run = `${illOnIt.length} of ${ill.length} ill machines run v${release.version}`
  if (part < numbers.illShare)
    return { ...counted, answer: 'no', why: `${run}, fewer than ${formatPercent(numbers.illShare)}` }
  const wellElsewhere = wellOutside(illOnIt, units.filter(runs))
  if (wellElsewhere !== undefined) return { ...counted, answer: 'no', why: `${run}, and ${wellElsewhere}` }
  const others = units.filter((each) => !runs(each))
  if (others.length === 0) return { ...counted, answer: 'yes', why: `${run}, and no machine runs anything else` }
  const figures = (of: readonly UnitHealth[]) => pool(of.flatMap((each) => each.figures ?? []))
  const [theirs, rest] = [figures(illOnIt).errorRatio, figures(others).errorRatio]
  if (theirs === null || rest === null)
    return others.every(({ ill: kind }) => kind === undefined) && illOnIt.every(({ ill: kind }) => kind === 'down')
      ? { ...counted, answer: 'yes', why: `${run}; the ${others.length} others pass their checks` }
      : { ...counted, answer: 'unknown', why: `${run}; what the others answer is not known` }
  const compared = `${run}; the others fail ${formatPercent(rest)}, they fail ${formatPercent(theirs)}`
  return rest <= theirs * numbers.othersShare
    ? { ...counted, answer: 'yes', why: compared }
    : { ...counted, answer: 'no', why: `${compared}: more than ${formatPercent(numbers.othersShare)} of it` }
}

function traffic(rate: number): string {
  const times = Number(rate.toFixed(1))
  return times === 1 ? 'as many requests as before' : `${times} times the requests of before`
}

/** Machines that run it and are well, in another region or on another host than all the ill ones: then it is the place. */
function wellOutside(ill: readonly UnitHealth[], running: readonly UnitHealth[]): string | undefined {
  const well = running.filter(({ ill: kind }) => kind === undefined)
  if (well.length === 0) return undefined
  const regions = new Set(ill.map(({ unit }) => unit.region))
  const hosts = new Set(ill.map(({ unit }) => unit.host ?? unit.id))
  const [region, host] = [[...regions][0] ?? '', [...hosts][0] ?? '']
  const others = well.length === 1 ? 'the one that is well runs it' : `the ${well.length} that are well run it`
  if (regions.size === 1 && well.some(({ unit }) => !regions.has(unit.region)))
    return `${others} too: only ${oneLine(region, 20)} is ill`
  if (hosts.size === 1) return `${others} too: only ${oneLine(host, 40)} is ill`
  return undefined
}

/** It changed the image; a secrets release cannot be cured by an image. */
export function changeTest({ release, predecessor, settingsSince, book }: Suspicion): Verdict {
  if (predecessor === undefined) return { answer: 'unknown', why: `nothing complete ran before v${release.version}` }
  const compared = book.compare(release, predecessor)
  if (compared === 'same')
    return {
      answer: 'no',
      why: `v${release.version} has the image of v${predecessor.version}: a change of secrets or settings, which an image rollback cannot help`,
    }
  if (compared === 'unknown')
    return {
      answer: 'unknown',
      why: `whether v${release.version} and v${predecessor.version} are one image is not known`,
    }
  if (settingsSince !== undefined)
    return {
      answer: 'unknown',
      why: `v${settingsSince.version} changed secrets or settings after it: which of the two it is cannot be told`,
    }
  return { answer: 'yes', why: `its image differs from that of v${predecessor.version}` }
}

/** Nothing else explains it. */
export function otherCauseTest({ facts, numbers }: Pick<Suspicion, 'facts' | 'numbers'>): Verdict {
  const { symptoms, platform, neighbours, onsetAt } = facts
  const dependency = symptoms.find(({ kind }) => kind === 'dependency')
  if (dependency?.kind === 'dependency') return { answer: 'no', why: `${oneLine(dependency.name, 60)} does not answer` }
  if (symptoms.some(({ kind }) => kind === 'security')) return { answer: 'no', why: 'this is a security incident' }
  if (platform !== undefined && platform !== null && platform.length > 0)
    return { answer: 'no', why: `the platform reports: ${oneLine(platform[0], 100)}` }
  const near = (at: number | null) => at !== null && Math.abs(at - onsetAt) <= numbers.neighbourMs
  const fallen = neighbours?.filter(
    (other) =>
      near(other.onsetAt) &&
      (other.releasedAt === null ||
        other.releasedAt < onsetAt - numbers.maxAgeMs ||
        other.releasedAt > (other.onsetAt ?? 0)),
  )
  if (fallen?.[0] !== undefined)
    return {
      answer: 'no',
      why: `${oneLine(fallen[0].service, 60)} fell ill within ${span(numbers.neighbourMs)} without a release of its own`,
    }
  const rate = requestFactor(facts)
  if (rate !== undefined && rate > numbers.requestFactor)
    return {
      answer: 'no',
      why: traffic(rate),
      observed: rate,
      threshold: numbers.requestFactor,
    }
  if (platform === null) return { answer: 'unknown', why: 'the platform could not be asked' }
  if (neighbours === null) return { answer: 'unknown', why: 'how the other services are could not be asked' }
  if (rate === undefined) return { answer: 'unknown', why: 'how many requests there were before is not known' }
  const asked = platform === undefined ? 'no platform status is configured' : 'the platform reports no incident'
  return {
    answer: 'yes',
    why: `no dependency fails, ${asked}, no other service fell ill, ${traffic(rate)}`,
  }
}

/** Requests a second now, as a multiple of the busier of the two spans before. */
function requestFactor({ current, earlier, before }: SuspectFacts): number | undefined {
  const rate = (sample: SuspectFacts['current']) =>
    sample === null || sample.requests === null || sample.until <= sample.since
      ? undefined
      : sample.requests / ((sample.until - sample.since) / 1000)
  const now = rate(current)
  const then = Math.max(rate(earlier) ?? 0, rate(before) ?? 0)
  return now === undefined || then === 0 ? undefined : now / then
}

/** Enough sources of our own, for long enough. */
export function measuredTest({ facts, numbers }: Pick<Suspicion, 'facts' | 'numbers'>): Verdict {
  const { sources, severity } = facts
  const needed = numbers.measuredMs[severity ?? 'P3']
  if (needed === undefined) return { answer: 'no', why: `${severity ?? 'no level'} is not acted on` }
  const longest = new Map<string, number>()
  for (const { source, measured, since, until } of sources)
    if (measured) longest.set(source, Math.max(longest.get(source) ?? 0, until - since))
  const enough = [...longest.values()].filter((lasted) => lasted >= needed)
  const seen = [...longest].map(([source, lasted]) => `${oneLine(source, 30)} for ${span(lasted)}`).join(', ')
  const numbersOf = { observed: enough.length, threshold: numbers.sources }
  if (enough.length >= numbers.sources) return { ...numbersOf, answer: 'yes', why: `read by ourselves: ${seen}` }
  const why = `${seen === '' ? 'nothing was read by ourselves' : `read by ourselves: ${seen}`} (needs ${numbers.sources} for ${span(needed)})`
  return { ...numbersOf, answer: longest.size === 0 ? 'no' : 'unknown', why }
}

/** It was well until this release. */
export function goodBeforeTest({ facts, release, numbers }: Suspicion): Verdict {
  const { before, current } = facts
  const [then, now] = [before?.errorRatio ?? null, current?.errorRatio ?? null]
  if (then === null || before === null)
    return { answer: 'unknown', why: `what users got before v${release.version} is not known` }
  const figures = `${formatPercent(then)} failed in the ${span(before.until - before.since)} before v${release.version}`
  const compared = { observed: then, threshold: numbers.illRatio }
  if (then >= numbers.illRatio) return { ...compared, answer: 'no', why: `${figures}: it was ill already` }
  if (now === null) return { ...compared, answer: 'unknown', why: `${figures}; what they get now is not known` }
  if (then > now * numbers.goodBeforeShare)
    return { ...compared, answer: 'no', why: `${figures}, ${formatPercent(now)} now: not much worse` }
  return { ...compared, answer: 'yes', why: `${figures}, ${formatPercent(now)} now` }
}
