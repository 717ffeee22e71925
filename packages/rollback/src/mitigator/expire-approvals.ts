import type { Action } from '@firebreak/core'
import type { Situation } from './situation.ts'

/** An approval that nobody gave lapses; it is never given late. */
export function expireApprovals({ incident }: Situation): readonly Action[] {
  return [...incident.approvals.values()]
    .filter(({ decision }) => decision === undefined)
    .map(({ approval, expiresAt, service }) => ({
      key: `approval/${approval}/expire`,
      notBefore: Date.parse(expiresAt),
      why: 'an approval is for the world as it was shown',
      record: { events: [{ type: 'approval.expired', actor: 'mitigator', data: { service, approval } }] },
    }))
}
