import type { Illness, Release, ReleaseSuspected, SuspectTest } from '@firebreak/core'
import { standardAutomation, type SuspectNumbers } from './automation.ts'
import { healthOfUnits, illnessOf } from './illness.ts'
import { accuse } from './accuse.ts'
import { imageBook, type ImageBook } from './images.ts'
import { newestFirst } from './release-history.ts'
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
  const illness = illnessOf(facts.units, units, previous, facts.now)
  const { service } = facts
  const accused = accuse(releases, facts.onsetAt, book, numbers)
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

function named(release: Release, book: ImageBook) {
  const digest = book.digestOf(release)
  return { version: release.version, image: release.image, ...(digest === undefined ? {} : { digest }) }
}
