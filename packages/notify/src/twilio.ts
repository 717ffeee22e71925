import { InvalidInput, NotifyError, required, type Notifier, type Receipt } from '@firebreak/core'
import { notDelivered, objectIn, postOk, textIn } from './http/post.ts'
import { addressOf, type Target } from './http/target.ts'
import { smsText } from './sms-text.ts'
import { tidied } from './tidy.ts'

export interface TwilioNotifierOptions {
  readonly accountSid: string | undefined
  readonly authToken: string | undefined
  /** A number of yours, `+49…`; or `messagingServiceSid`. */
  readonly from?: string | undefined
  readonly messagingServiceSid?: string | undefined
  /** Whom to wake, `+49…`. */
  readonly to: string | undefined
  /** How long it may wait in the network before it is worthless, in seconds, 1 to 36,000; default 300: then the next step of the ladder is due. */
  readonly validitySeconds?: number | undefined
  /** Default 'sms'. */
  readonly name?: string | undefined
  /** Default 'https://api.twilio.com'. */
  readonly apiUrl?: string | undefined
}

const arrived = new Set(['delivered', 'read'])
const lost = new Set(['failed', 'undelivered', 'canceled'])

/** A short message by Twilio: the plain alphabet, two segments at most. Only triggers; `confirm` asks the carrier's word. */
export function twilioNotifier(options: TwilioNotifierOptions): Notifier {
  const { name = 'sms', validitySeconds = 300 } = options
  const accountSid = required(options.accountSid, 'accountSid', 'twilioNotifier')
  const authToken = required(options.authToken, 'authToken', 'twilioNotifier')
  const to = required(options.to, 'to', 'twilioNotifier')
  const sender = senderOf(options)
  if (!Number.isInteger(validitySeconds) || validitySeconds < 1 || validitySeconds > 36_000)
    throw new InvalidInput('validitySeconds', `is ${validitySeconds}; give whole seconds from 1 to 36,000`)
  const api = addressOf(options.apiUrl ?? 'https://api.twilio.com', 'apiUrl', 'twilioNotifier').href.replace(/\/$/, '')
  const basic = Buffer.from(`${accountSid}:${authToken}`).toString('base64')
  const target: Target = { name, secrets: [authToken, basic, to] }
  const headers = { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' }
  const messages = `${api}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages`

  return tidied({
    name,
    reach: 'wake',
    async send(page, context): Promise<Receipt> {
      const form = { To: to, ...sender, Body: smsText(page), ValidityPeriod: String(validitySeconds) }
      const answer = await postOk(
        target,
        `${messages}.json`,
        { headers, body: new URLSearchParams(form).toString() },
        context,
      )
      const said = objectIn(answer)
      const id = textIn(said, 'sid')
      if (id === undefined || lost.has(textIn(said, 'status') ?? '')) throw notDelivered(target, answer)
      return { state: arrived.has(textIn(said, 'status') ?? '') ? 'delivered' : 'accepted', id }
    },
    async confirm(receipt, context) {
      if (receipt.id === undefined) return receipt
      const url = `${messages}/${encodeURIComponent(receipt.id)}.json`
      const said = objectIn(
        await postOk(target, url, { method: 'GET', headers: { authorization: headers.authorization } }, context),
      )
      const status = textIn(said, 'status') ?? ''
      if (arrived.has(status)) return { ...receipt, state: 'delivered' }
      if (!lost.has(status)) return receipt
      const code = textIn(said, 'error_code') ?? 'no code'
      throw new NotifyError({
        outcome: 'permanent',
        message: `${name}: the carrier did not deliver it (${status}, ${code})`,
      })
    },
  })
}

function senderOf({ from, messagingServiceSid }: TwilioNotifierOptions): Record<string, string> {
  if (messagingServiceSid !== undefined && messagingServiceSid !== '')
    return { MessagingServiceSid: messagingServiceSid }
  return { From: required(from, 'from', 'twilioNotifier') }
}
