import type { Illness, Release, ReleaseSuspected, SuspectTest } from '@firebreak/core'
import { standardAutomation, type SuspectNumbers } from './automation.ts'
import { healthOfUnits, illnessOf } from './illness.ts'
import { imageBook, type ImageBook } from './images.ts'
import { isRollback, liveAt, newestFirst } from './release-history.ts'
import type { SuspectFacts } from './suspect-facts.ts'
import {
  changeTest,
  goodBeforeTest,
  measuredTest,
  otherCauseTest,
  placeTest,
  timeTest,
  type Suspicion,
} from './suspect-tests.ts'

const tests = {
  time: timeTest,
  place: placeTest,
  change: changeTest,
  otherCause: otherCauseTest,
  measured: measuredTest,
  goodBefore: goodBeforeTest,
} as const

/**
 * Is the release to blame? Six tests, each yes, no or unknown with its numbers, so that a person can check them half-asleep.
 * Six yes: suspected; any no: not suspected; else possible. Pure.
 */
export function suspectRelease(
  facts: SuspectFacts,
  numbers: SuspectNumbers = standardAutomation.suspect,
  previous?: Illness,
): ReleaseSuspected {
  const releases = newestFirst(facts.releases)
  const book = imageBook(releases, facts.units)
  const units = healthOfUnits(facts.units, facts.current, numbers, facts.crashed)
  const illness = illnessOf(units, previous, facts.now)
  const { service } = facts
  const accused = accuse(releases, facts, book, numbers)
  if ('why' in accused) {
    const answers: SuspectTest[] = [
      { test: 'time', answer: 'no', why: accused.why },
      { test: 'otherCause', ...otherCauseTest({ facts, numbers }) },
      { test: 'measured', ...measuredTest({ facts, numbers }) },
    ]
    return { service, verdict: 'not-suspected', tests: answers, illness }
  }
  const suspicion: Suspicion = { facts, ...accused, units, book, numbers }
  const answers = Object.entries(tests).map(([test, ask]): SuspectTest => ({
    test: test as SuspectTest['test'],
    ...ask(suspicion),
  }))
  const verdict = answers.some(({ answer }) => answer === 'no')
    ? 'not-suspected'
    : answers.every(({ answer }) => answer === 'yes')
      ? 'suspected'
      : 'possible'
  const candidate = releases.find(
    (other) =>
      other.version < accused.release.version && other.status === 'complete' && !book.same(other, accused.release),
  )
  return {
    service,
    verdict,
    release: {
      ...named(accused.release, book),
      ...(accused.release.by === undefined ? {} : { by: accused.release.by }),
    },
    // Proven or not is for the plan, which asks the registry; here it is only named.
    ...(candidate === undefined ? {} : { candidate: { ...named(candidate, book), proven: false } }),
    tests: answers,
    illness,
  }
}

/** The release under suspicion: the newest; behind a change of secrets, the one that brought the image, if that is recent. */
function accuse(
  releases: readonly Release[],
  { onsetAt }: SuspectFacts,
  book: ImageBook,
  numbers: SuspectNumbers,
): Pick<Suspicion, 'release' | 'predecessor' | 'settingsSince'> | { why: string } {
  const begun = releases.filter(({ status }) => status !== 'pending')
  const newest = begun[0]
  if (newest === undefined) return { why: 'there is no release' }
  if (isRollback(newest)) return { why: `v${newest.version} is a recorded rollback, which is never the suspect` }
  const before = (release: Release) =>
    begun.find((other) => other.version < release.version && other.status === 'complete')
  let release = newest
  for (
    let older = before(release);
    older !== undefined && book.same(older, release) && !isRollback(older);
    older = before(release)
  ) {
    if (onsetAt - liveAt(older) > numbers.maxAgeMs) break
    release = older
  }
  // Only a change of secrets all the way back: then that is what is accused.
  const predecessor = before(release)
  const sameAll = predecessor !== undefined && book.same(predecessor, release)
  if (sameAll || release === newest) return { release: newest, predecessor: before(newest), settingsSince: undefined }
  return { release, predecessor, settingsSince: newest }
}

function named(release: Release, book: ImageBook) {
  const digest = book.digestOf(release)
  return { version: release.version, image: release.image, ...(digest === undefined ? {} : { digest }) }
}
