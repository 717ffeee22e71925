import { oneLine } from '@firebreak/core'
import { table, type DescribeOptions } from './describe-plan.ts'
import type { RollbackOutcome, RollbackStatus } from './outcome.ts'
import { clockTime, shortImage, span } from './plain-text.ts'

const verdicts: Record<RollbackStatus, string> = {
  verified: 'Verified: users are well again.',
  unverified:
    'UNVERIFIED: every machine runs the image; whether users are well could not be told. Look before you rest.',
  partial: 'PARTIAL: the service is mixed. Some machines do not run the image; decide for each of them.',
  regressed: 'REGRESSED: every machine runs the image, and users are ill. The image is probably not the cause.',
  refuted:
    'REFUTED: the first machine is as ill on the other image. It stopped there; the release is probably not the cause.',
  aborted: 'ABORTED: stopped before the end. Run it again with the same journal to go on.',
  nothingToDo: 'Nothing to do: every machine runs the image already.',
}

/** How it ended, machine by machine; the last line is the verdict. Pure. */
export function describeOutcome(outcome: RollbackOutcome, { timeZone }: DescribeOptions = {}): string {
  const { service, from, to, units, untouchable, judgement, recorded, notes, status, plan } = outcome
  const started = Date.parse(outcome.startedAt)
  const finished = Date.parse(outcome.finishedAt)
  const settled = units.filter((unit) => unit.outcome === 'updated' || unit.outcome === 'alreadyThere').length
  const lines = [
    `Rollback of ${oneLine(service, 80)}  v${from.version} ${shortImage(from)} -> v${to.version} ${shortImage(to)}  plan ${plan}`,
    `  ${clockTime(started, timeZone)} to ${clockTime(finished, timeZone)}, ${span(finished - started)}${outcome.resumed ? ', went on after an interruption' : ''}`,
    `Machines  ${settled} of ${units.length} run it`,
    ...table(
      units.map((unit) => [
        `  ${oneLine(unit.id, 40)}`,
        oneLine(unit.region, 12),
        unit.outcome,
        `runs ${shortImage(unit)}`,
        oneLine(unit.why ?? ''),
      ]),
    ),
    ...untouchable.map(
      ({ id, why, image }) => `  ${oneLine(id, 40)}  left alone: ${oneLine(why)}; runs ${shortImage({ image })}`,
    ),
    ...(judgement === undefined ? [] : [`Judged    ${judgement.judgement}: ${oneLine(judgement.why)}`]),
    ...(recorded === undefined ? [] : [`Recorded  release v${recorded.version}, ${oneLine(recorded.status, 30)}`]),
    ...notes.map((note) => `Note      ${oneLine(note)}`),
    `Why       ${oneLine(outcome.why, 300)}`,
    verdicts[status],
  ]
  return lines.join('\n')
}
