import { join } from 'node:path'
import type { Notifier } from '@firebreak/core'
import { consoleNotifier } from '@firebreak/notify'
import { webhookNotifier } from '@firebreak/notify/webhook'
import { standardRunbook } from '@firebreak/responder'
import { CliError } from '../failure.ts'
import type { Config } from '../config.ts'

/**
 * `serve` without a config: opens incidents from what it is sent, pages the webhook in `FIREBREAK_WEBHOOK_URL`, and keeps
 * the feedback files. Without that address this console is all there is to wake somebody. It has no target, so it changes
 * nothing.
 */
export function defaultConfig(environment: Readonly<Record<string, string | undefined>>, folder: string): Config {
  // Set and empty, as compose files leave them, is not set.
  const url = environment['FIREBREAK_WEBHOOK_URL'] || undefined
  const secret = environment['FIREBREAK_WEBHOOK_SECRET'] || undefined
  const people: Notifier[] = url === undefined ? [{ ...consoleNotifier(), reach: 'wake' }] : [webhookOf(url, secret)]
  return {
    parts: standardRunbook({
      people: { manager: people, engineer: people },
      feedback: join(folder, 'feedback'),
      postmortems: folder,
    }),
  }
}

function webhookOf(url: string, secret: string | undefined): Notifier {
  try {
    return webhookNotifier({ url, reach: 'wake', ...(secret === undefined ? {} : { secret }) })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CliError('CONFIG_INVALID', `FIREBREAK_WEBHOOK_URL or FIREBREAK_WEBHOOK_SECRET cannot be used: ${why}`)
  }
}
