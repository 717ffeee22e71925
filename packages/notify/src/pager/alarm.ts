import { systemRandom, type Alarm, type Clock, type Notifier, type PageFailed, type NotifyError } from '@firebreak/core'
import { deliver } from '../deliver.ts'
import { completePage } from '../page-draft.ts'
import { PageNotSent } from '../page-errors.ts'
import type { Roles } from '../routes/people.ts'

/** Without the log nobody knows who was told, so everybody is: by every waking notifier of every role, from memory. */
export async function soundAlarm(
  { idempotencyKey, ...said }: Alarm,
  roles: Roles,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  { fetch, timeoutMs }: { readonly fetch: typeof globalThis.fetch; readonly timeoutMs: number },
): Promise<void> {
  const page = completePage({ ...said, reason: 'alarm' })
  const waking = new Set<Notifier>(
    Array.from(roles.values())
      .flat()
      .filter(({ reach }) => reach === 'wake'),
  )
  const failed: PageFailed[] = []
  let reached = 0
  await Promise.all(
    Array.from(waking, async (notifier) => {
      try {
        await deliver(notifier, page, { clock, random: systemRandom, fetch, signal, idempotencyKey, timeoutMs })
        reached += 1
      } catch (error) {
        signal.throwIfAborted()
        const { outcome, message } = error as NotifyError
        const { service, severity } = said
        failed.push({
          incident: '',
          service,
          severity,
          to: 'everybody',
          notifier: notifier.name,
          outcome,
          error: message,
        })
      }
    }),
  )
  if (reached === 0) throw new PageNotSent(page.title, failed)
}
