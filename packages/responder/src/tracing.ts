import type { Span, Tracer } from '@opentelemetry/api'
import type { Bus } from '@firebreak/core'

/** Spans of what is performed and taken in, for whoever runs OpenTelemetry. Without its package nothing is traced. */
export interface Tracing {
  /** Finds the package; once, at the start. */
  load(): Promise<void>
  /** A span around some work; the work alone where nothing is traced. */
  around<T>(name: string, attributes: Readonly<Record<string, string | number>>, work: () => Promise<T>): Promise<T>
}

const failedStatus = 2

export function createTracing(bus: Bus): Tracing {
  let tracer: Tracer | undefined
  const spans = new Map<string, Span>()

  function follow(found: Tracer) {
    bus.on('action.started', ({ key, part, attempt, why }, recorded) => {
      const stream = recorded?.stream ?? ''
      const attributes = {
        'firebreak.stream': stream,
        'firebreak.key': key,
        'firebreak.attempt': attempt,
        'firebreak.why': why,
      }
      spans.set(`${stream}\n${key}\n${attempt}`, found.startSpan(`firebreak.action ${part}`, { attributes }))
    })
    bus.on('action.finished', ({ key, attempt, outcome, error }, recorded) => {
      const name = `${recorded?.stream ?? ''}\n${key}\n${attempt}`
      const span = spans.get(name)
      spans.delete(name)
      span?.setAttribute('firebreak.outcome', outcome)
      if (error !== undefined) span?.setStatus({ code: failedStatus, message: error.message })
      span?.end()
    })
  }

  return {
    async load() {
      if (tracer !== undefined) return
      try {
        const { trace } = await import('@opentelemetry/api')
        tracer = trace.getTracer('@firebreak/responder')
        follow(tracer)
      } catch {
        // An optional package that is not installed.
      }
    },
    async around(name, attributes, work) {
      if (tracer === undefined) return work()
      const span = tracer.startSpan(name, { attributes })
      try {
        return await work()
      } catch (error) {
        span.setStatus({ code: failedStatus, message: error instanceof Error ? error.name : 'failed' })
        throw error
      } finally {
        span.end()
      }
    },
  }
}
