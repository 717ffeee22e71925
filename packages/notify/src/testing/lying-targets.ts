import { startLoopback, type Loopback, type LoopbackAnswer } from './loopback.ts'
import type { StatusCase } from './status-table.ts'

/** How a target says yes, and how it says something that looks like it. */
export interface TargetManners {
  readonly accepts: LoopbackAnswer
  readonly lies: readonly StatusCase[]
}

const connector = (status: number) =>
  `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${status} with ContextId tcid=0.`

/** The manners of the targets that this package knows: a 2xx is not a delivery. */
export const targetManners = {
  slackWebhook: {
    accepts: { status: 200, body: 'ok' },
    lies: [
      lie('200 with a limit', 200, '{"retry_after":30,"ok":false,"error":"rate_limited"}', 'throttled', 30_000),
      lie('200 with an internal error', 200, '{"ok":false,"error":"internal_error"}', 'transient'),
      lie('200 with no_service', 200, 'no_service', 'permanent'),
      lie('200 with an empty body', 200, '', 'permanent'),
      lie('200 with a login page', 200, '<!doctype html><title>Sign in</title>', 'permanent'),
    ],
  },
  slackBot: {
    accepts: { status: 200, body: '{"ok":true,"channel":"C1","ts":"171.001"}' },
    lies: [
      lie('200 with ratelimited', 200, '{"ok":false,"error":"ratelimited"}', 'throttled'),
      lie('200 with not_in_channel', 200, '{"ok":false,"error":"not_in_channel"}', 'permanent'),
      lie('200 with service_unavailable', 200, '{"ok":false,"error":"service_unavailable"}', 'transient'),
      lie('200 without JSON', 200, 'ok', 'permanent'),
    ],
  },
  discord: {
    accepts: { status: 200, body: '{"id":"1103","channel_id":"7","content":""}' },
    lies: [
      lie('200 without a message', 200, '{}', 'permanent'),
      lie('200 with HTML', 200, '<html>cloudflare</html>', 'permanent'),
    ],
  },
  teams: {
    accepts: { status: 200, body: '1' },
    lies: [
      lie('200 that says 429', 200, connector(429), 'throttled'),
      lie('200 that says 500', 200, connector(500), 'transient'),
      lie('200 that says 403', 200, connector(403), 'permanent'),
      lie('200 with an empty body', 200, '', 'permanent'),
    ],
  },
  telegram: {
    accepts: { status: 200, body: '{"ok":true,"result":{"message_id":42}}' },
    lies: [
      lie('200 that is not ok', 200, '{"ok":false,"error_code":400,"description":"Bad Request"}', 'permanent'),
      lie('200 without JSON', 200, 'fine', 'permanent'),
    ],
  },
  ntfy: {
    accepts: { status: 200, body: '{"id":"xE73Iyuabi","event":"message","sequence_id":"s1"}' },
    lies: [lie('200 of the web page', 200, '<!doctype html><title>ntfy</title>', 'permanent')],
  },
  pushover: {
    accepts: { status: 200, body: '{"status":1,"request":"r1","receipt":"KAWXTsWxaT2SyzVJNzGhFARhVQfnQS"}' },
    lies: [lie('200 with status 0', 200, '{"status":0,"errors":["user identifier is invalid"]}', 'permanent')],
  },
  pagerduty: {
    accepts: { status: 202, body: '{"status":"success","message":"Event processed","dedup_key":"k"}' },
    lies: [
      lie('202 without success', 202, '{"status":"invalid event","message":"Event object is invalid"}', 'permanent'),
      lie('200 of a proxy', 200, '<html>ok</html>', 'permanent'),
    ],
  },
  jsm: {
    accepts: { status: 202, body: '{"result":"Request will be processed","took":0.1,"requestId":"43a29c5c"}' },
    lies: [lie('202 without a request', 202, '{"result":"Request will be processed"}', 'permanent')],
  },
  twilio: {
    accepts: { status: 201, body: '{"sid":"SM1","status":"queued","error_code":null}' },
    lies: [
      lie('201 that has failed already', 201, '{"sid":"SM1","status":"failed","error_code":21610}', 'permanent'),
      lie('200 without a message', 200, '{}', 'permanent'),
    ],
  },
} as const satisfies Record<string, TargetManners>

/** A loopback server that behaves like that target, or tells one of its lies. */
export function startTarget(target: keyof typeof targetManners, told?: StatusCase): Promise<Loopback> {
  return startLoopback(() => told?.answer ?? targetManners[target].accepts)
}

function lie(
  title: string,
  status: number,
  body: string,
  outcome: StatusCase['outcome'],
  retryAfterMs?: number,
): StatusCase {
  return { title, answer: { status, body }, outcome, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}
