import { describe, expect, test } from 'vitest'
import type { Notifier } from '@firebreak/core'
import { discordNotifier } from './discord.ts'
import { conversation } from './fixtures/conversation.ts'
import { jsmNotifier } from './jsm.ts'
import { ntfyNotifier } from './ntfy.ts'
import { pagerdutyNotifier } from './pagerduty.ts'
import { pushoverNotifier } from './pushover.ts'
import { slackNotifier } from './slack.ts'
import { teamsNotifier } from './teams.ts'
import { telegramNotifier } from './telegram.ts'
import { describeNotifier, hostilePage, samplePage, targetManners, type TargetManners } from './testing/index.ts'
import { twilioNotifier } from './twilio.ts'
import { webhookNotifier } from './webhook.ts'

const secrets = {
  routing: 'canary0routing0key00000000000000',
  token: 'canary-token-5e1f',
  user: 'canaryUserKey0000000000000000',
  sid: 'ACcanary',
  webhook: 'whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5',
}
const all = Object.values(secrets).filter((secret) => secret !== secrets.sid)

interface Adapter {
  readonly make: (url: string) => Notifier
  readonly manners: TargetManners
}

const sms = { accountSid: secrets.sid, authToken: secrets.token, from: '+4930111', to: '+4930222' }

const adapters: Record<string, Adapter> = {
  webhook: {
    make: (url) => webhookNotifier({ url, secret: secrets.webhook }),
    manners: { accepts: { status: 204 }, lies: [] },
  },
  slack: { make: (url) => slackNotifier({ url }), manners: targetManners.slackWebhook },
  'slack bot': {
    make: (url) => slackNotifier({ token: secrets.token, channel: 'C1', apiUrl: url }),
    manners: targetManners.slackBot,
  },
  discord: { make: (url) => discordNotifier({ url }), manners: targetManners.discord },
  teams: { make: (url) => teamsNotifier({ url }), manners: targetManners.teams },
  telegram: {
    make: (url) => telegramNotifier({ token: secrets.token, chatId: -100, apiUrl: url }),
    manners: targetManners.telegram,
  },
  ntfy: {
    make: (url) => ntfyNotifier({ topic: secrets.user, token: secrets.token, url }),
    manners: targetManners.ntfy,
  },
  pushover: {
    make: (url) => pushoverNotifier({ token: secrets.token, user: secrets.user, apiUrl: url }),
    manners: targetManners.pushover,
  },
  pagerduty: {
    make: (url) => pagerdutyNotifier({ routingKey: secrets.routing, url }),
    manners: targetManners.pagerduty,
  },
  jsm: { make: (url) => jsmNotifier({ apiKey: secrets.token, apiUrl: url }), manners: targetManners.jsm },
  twilio: { make: (url) => twilioNotifier({ ...sms, apiUrl: url }), manners: targetManners.twilio },
}

for (const [name, { make, manners }] of Object.entries(adapters)) {
  describeNotifier(name, ({ url }) => make(url), { describe, test, expect }, { accepts: manners.accepts, secrets: all })
}

describe.each(Object.entries(adapters))('%s', (_name, { make, manners }) => {
  test.each(manners.lies)('$title is no delivery', async ({ answer, outcome, retryAfterMs }) => {
    const { error } = await conversation(make, () => answer, samplePage)
    expect(error).toMatchObject({ code: 'NOTIFY_FAILED', outcome })
    expect((error as { retryAfterMs?: number }).retryAfterMs).toBe(retryAfterMs)
  })

  test('sends nothing that commands a terminal or hides text', async () => {
    const { requests } = await conversation(make, () => manners.accepts, hostilePage)
    const body = requests[0]!.body
    const shown = body.startsWith('{') ? body : decodeURIComponent(body.replaceAll('+', ' '))
    expect(shown).not.toMatch(/\\u00(0[0-8bcef]|1[0-9a-f])|[\u202A-\u202E\u2066-\u2069\u200B]|\\ud[89a-f]/i)
    // oxlint-disable-next-line no-control-regex
    expect(shown).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/)
  })
})
