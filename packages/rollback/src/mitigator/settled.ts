import { serviceStream, type Incident, type Outcome } from '@firebreak/core'

/** Where rollbacks are counted over all services. */
export const organisation = serviceStream('*')

/** Tells the others that this rollback has ended, however it did: the next may begin. */
export function settled(
  { service, stream }: Pick<Incident, 'service' | 'stream'>,
  base: string,
): NonNullable<Outcome['tell']> {
  const data = { service, action: base, incident: stream }
  const event = { id: `${stream}/${base}/settled`, type: 'ledger.settled', actor: 'mitigator', data }
  return [{ to: organisation, event }]
}
