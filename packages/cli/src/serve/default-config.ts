import { join } from 'node:path'
import type { Notifier } from '@firebreak/core'
import { consoleNotifier } from '@firebreak/notify'
import { webhookNotifier } from '@firebreak/notify/webhook'
import { standardRunbook } from '@firebreak/responder'
import type { Config } from '../config.ts'

/**
 * `serve` without a config: opens incidents from what it is sent, pages the webhook in `FIREBREAK_WEBHOOK_URL`, and keeps
 * the feedback files. Without that address this console is all there is to wake somebody. It has no target, so it changes
 * nothing.
 */
export function defaultConfig(environment: Readonly<Record<string, string | undefined>>, folder: string): Config {
  const url = environment['FIREBREAK_WEBHOOK_URL']
  const secret = environment['FIREBREAK_WEBHOOK_SECRET']
  const people: Notifier[] =
    url === undefined
      ? [{ ...consoleNotifier(), reach: 'wake' }]
      : [webhookNotifier({ url, reach: 'wake', ...(secret === undefined ? {} : { secret }) })]
  return {
    parts: standardRunbook({
      people: { manager: people, engineer: people },
      feedback: join(folder, 'feedback'),
      postmortems: folder,
    }),
  }
}
