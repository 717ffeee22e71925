import { oneLine, formatPercent } from '@firebreak/core'
import type { Candidate, Guard, PlannedRelease, PlannedUnit, RollbackPlan } from './plan.ts'
import { clockTime, count, shortImage, span } from './plain-text.ts'

export interface DescribeOptions {
  /** Milliseconds since the epoch; then ages are told too. */
  readonly now?: number | undefined
  /** IANA name; default 'UTC'. */
  readonly timeZone?: string | undefined
}

/** The plan as a person reads it at 3 a.m.: from, to, why not the others, who is touched, what is not undone. Pure. */
export function describePlan(plan: RollbackPlan, { now, timeZone }: DescribeOptions = {}): string {
  const { id, service, from, to, untouchable, units } = plan
  const made = now === undefined ? '' : `, made ${clockTime(now, timeZone)}`
  const lines = [
    `Plan ${id} for ${oneLine(service, 80)}${made}. Nothing has been changed.`,
    '',
    ...table([
      [
        '  from',
        `v${from.version}`,
        shortImage(from),
        liveSince(from, now, timeZone),
        figuresOf(from),
        oneLine(from.by ?? '', 60),
      ],
      [
        '  to',
        `v${to.version}`,
        shortImage(to),
        liveSince(to, undefined, timeZone),
        plan.proven ? 'proven' : 'UNPROVEN',
        oneLine(plan.evidence.join('; '), 160),
      ],
    ]),
    '',
    `Reason     ${oneLine(plan.reason)}`,
    ...(plan.nothingToDo ? ['Nothing to do: every machine runs the image already.'] : []),
    'Candidates',
    ...table(plan.candidates.map((candidate) => candidateRow(candidate))),
    `Machines, in this order (${units.length})`,
    ...table(units.map((unit, index) => unitRow(unit, index, plan))),
    ...untouchable.map(
      ({ id: unit, region, why }) => `  -  ${oneLine(unit, 40)}  ${oneLine(region, 12)}  left alone: ${oneLine(why)}`,
    ),
    'Guards',
    ...table(plan.guards.map((guard) => guardRow(guard))),
    `Not undone  ${plan.notUndone.join(', ')}`,
    `Verify      at most ${span(plan.verify.judgeMs)} for the first machine (${plan.verify.requests} requests or ${plan.verify.probes} probes of our own), then all of them are asked`,
    'If worse    stop after machine 1, write nothing back, and say so',
    '',
    verdict(plan),
  ]
  return lines.join('\n')
}

function liveSince(release: PlannedRelease, now: number | undefined, timeZone: string | undefined): string {
  const at = Date.parse(release.liveAt)
  const status = release.status === 'complete' ? '' : ` (${oneLine(release.status, 30)})`
  const since = `${release.liveAt.slice(0, 10)} ${clockTime(at, timeZone)}`
  return `${now === undefined ? `live since ${since}` : `live ${span(now - at)}`}${status}`
}

function figuresOf({ figures }: PlannedRelease): string {
  if (figures === undefined || figures.errorRatio === null) return 'errors not known'
  return `${formatPercent(figures.errorRatio)} of ${figures.requests === null ? 'unknown' : count(figures.requests)} requests fail`
}

const verdictWord: Record<Candidate['verdict'], string> = {
  yes: 'YES',
  leaving: 'no',
  same: 'same',
  unproven: 'unproven',
  spare: 'spare',
  no: 'no',
}

function candidateRow({ version, image, digest, verdict: word, reason }: Candidate): string[] {
  return [`  v${version}`, shortImage({ image, digest }), verdictWord[word], oneLine(reason)]
}

function unitRow(unit: PlannedUnit, index: number, { to, verify, batch }: RollbackPlan): string[] {
  const runs = `${unit.release === undefined ? '' : `v${unit.release} `}${shortImage(unit)}`
  const notes = [
    ...(unit.alreadyThere ? ['runs it already'] : []),
    ...(unit.judged ? [`judged, at most ${span(verify.judgeMs)}`] : []),
    ...(unit.staysStopped ? ['stays stopped'] : []),
    ...(index === 1 && !unit.staysStopped && !unit.alreadyThere
      ? [batch === 1 ? 'then one at a time' : `then ${batch} at a time`]
      : []),
  ]
  return [
    `  ${index + 1}`,
    oneLine(unit.id, 40),
    oneLine(unit.region, 12),
    unit.state,
    unit.checks === '-' ? '-' : `${unit.checks} checks`,
    `runs ${runs}`,
    `-> ${shortImage(to)}`,
    notes.join(', '),
  ]
}

function guardRow({ guard, verdict: word, observed, needed }: Guard): string[] {
  return [
    `  ${word}`,
    guard,
    word === 'ok' || needed === '' ? oneLine(observed) : `${oneLine(observed)} (needed: ${oneLine(needed)})`,
  ]
}

function verdict({ guards, proven, nothingToDo, id }: RollbackPlan): string {
  const refusing = guards.filter((guard) => guard.verdict === 'no')
  if (nothingToDo) return `Plan ${id}: nothing to do.`
  if (refusing.length > 0) return `Plan ${id}: cannot run, ${refusing.map(({ guard }) => guard).join(' and ')} says no.`
  return proven ? `Plan ${id}: can run.` : `Plan ${id}: can run; the image is not proven, you decide.`
}

/** Columns as wide as their widest cell, two blanks apart; nothing behind the last. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
