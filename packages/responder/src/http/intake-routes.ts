import { FirebreakError, InvalidInput, type Signal } from '@firebreak/core'
import { parseSignal } from '@firebreak/core/schemas'
import { alertmanagerIntake, prometheusAlertsIntake } from '@firebreak/detect/alertmanager'
import { jsonAnswer } from './answer.ts'
import { bodies } from './bodies.ts'
import { readJson } from './body.ts'
import type { HandlerOptions } from './handler-options.ts'
import type { HttpOptions, Intake } from './options.ts'
import type { Route } from './router.ts'

const mostSignals = 10_000

/** Where others tell us. What they tell opens and pages; it is never evidence for a write. */
export function intakeRoutes({ responder, house, measures }: HandlerOptions, http: HttpOptions): Route[] {
  const { clock, random } = house

  async function store(source: string, signals: readonly Signal[]): Promise<void> {
    const startedAt = clock.now()
    await responder().ingest(signals)
    measures.count('signals_accepted', { intake: source }, signals.length)
    measures.observe('intake', clock.now() - startedAt)
  }
  const hook = (path: string, intake: Intake, signed: boolean): Route => ({
    method: 'POST',
    path,
    scope: 'signals:write',
    signed,
    summary: `Alerts as ${intake.source} sends them`,
    async handle({ request }) {
      // 2xx only when the signals are durable: the sender repeats what it got no 2xx for.
      const signals = await intake(request, (taken) => store(intake.source, taken))
      return jsonAnswer({ accepted: signals.length })
    },
  })
  const { alertmanager = alertmanagerIntake({ clock }), ...signed } = http.hooks ?? {}

  return [
    {
      method: 'POST',
      path: '/signals',
      scope: 'signals:write',
      summary: 'One signal, or a list of signals',
      described: { statuses: [202], body: bodies.signals },
      async handle({ request }) {
        const body = await readJson(request, clock)
        const list = Array.isArray(body) ? body : [body]
        if (list.length > mostSignals)
          throw new InvalidInput('body', `holds ${list.length} signals, more than ${mostSignals}`)
        const signals = list.map((it, index) => inList(body, index, () => parseSignal(it, { clock, random })))
        await store('signals', signals)
        return jsonAnswer({ accepted: signals.length }, 202)
      },
    },
    hook('/api/v2/alerts', http.prometheus ?? prometheusAlertsIntake({ clock }), false),
    hook('/hooks/alertmanager', alertmanager, false),
    ...Object.entries(signed).flatMap(([name, intake]) =>
      intake === undefined ? [] : [hook(`/hooks/${name}`, intake, true)],
    ),
  ]
}

/** Of many signals, the refusal says which one it is about. */
function inList<T>(body: unknown, index: number, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!Array.isArray(body) || !FirebreakError.isInstance(error) || error.code !== 'INVALID_INPUT') throw error
    const { field, message } = error as InvalidInput
    throw new InvalidInput(`[${index}].${field}`, message.slice(field.length + 2))
  }
}
