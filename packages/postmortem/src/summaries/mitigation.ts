import { formatPercent } from '@firebreak/core'
import { imageName, items, plural, said, sentence, when } from '../said.ts'
import type { Summaries } from './summary.ts'

/** What was done to the service, and what was not allowed. */
export const mitigationSummaries: Summaries<
  | 'action.started'
  | 'action.renewed'
  | 'action.finished'
  | 'journal.appended'
  | 'guard.refused'
  | 'rollback.planned'
  | 'rollback.verified'
  | 'rollback.failed'
  | 'unit.updated'
  | 'mitigation.finished'
  | 'ledger.charged'
  | 'ledger.settled'
> = {
  'action.started': ({ key, attempt, owner, why }) =>
    sentence([
      `${said(key)} started`,
      typeof attempt === 'number' && attempt > 1 && `attempt ${attempt} by ${said(owner)}`,
      when(why, ''),
    ]),
  'action.renewed': ({ key, deadline }, { time }) => `${said(key)} goes on; its claim holds until ${time(deadline)}`,
  'action.finished': ({ key, outcome, error, retryAt }, { time }) =>
    sentence(
      [
        `${said(key)} ${outcome === 'uncertain' ? 'uncertain: a person has to look' : said(outcome)}`,
        when(error?.message, ''),
        retryAt !== undefined && `again ${time(retryAt)}`,
      ],
      '; ',
    ),
  'journal.appended': ({ entry }) => `${said(entry?.kind)} of ${said(entry?.key)} written down`,
  'guard.refused': ({ guard, action, observed, needed, next }) =>
    sentence(
      [`${said(action)} not allowed by ${said(guard)}: ${said(observed)}, needs ${said(needed)}`, when(next, '')],
      '; ',
    ),
  'rollback.planned': ({ from, to, units, plan, reason }) =>
    `plan ${said(plan)}: v${said(from?.version)} ${imageName(from?.image)} -> v${said(to?.version)} ${imageName(to?.image)}, ${plural(
      items(units).length,
      'machine',
    )}: ${said(reason)}`,
  'rollback.verified': ({ to, errorRatio, requests, p95Ms }) =>
    sentence([
      `rollback to v${said(to?.version)} ${imageName(to?.image)} verified`,
      typeof errorRatio === 'number' &&
        `${formatPercent(errorRatio)} errors${requests === null || requests === undefined ? '' : ` in ${plural(requests, 'request')}`}`,
      typeof p95Ms === 'number' && `p95 ${said(p95Ms)} ms`,
    ]),
  'rollback.failed': ({ status, why, plan }) => `rollback ${said(plan)} ended ${said(status)}: ${said(why)}`,
  'unit.updated': ({ unit, region, image, outcome, done, total, why }) =>
    sentence([
      `${said(done)}/${said(total)} ${said(unit)}${region === undefined ? '' : ` ${said(region)}`}: ${unitOutcome(outcome)} ${imageName(image)}`,
      when(why, ''),
    ]),
  'mitigation.finished': ({ action, outcome, why }) => `${said(action)} ${said(outcome)}: ${said(why)}`,
  'ledger.charged': ({ action, service }) => `${said(action)} of ${said(service)} counted against its budget`,
  'ledger.settled': ({ action, service }) => `${said(action)} of ${said(service)} has ended, and the next may begin`,
}

function unitOutcome(outcome: string | undefined): string {
  if (outcome === 'updated') return 'runs'
  if (outcome === 'alreadyThere') return 'already runs'
  return `${said(outcome)},`
}
