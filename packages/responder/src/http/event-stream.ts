import type { EventType, RecordedEvent } from '@firebreak/core'
import type { House } from '../loop/house.ts'

/** The bus, for a listener that takes every event alike. */
interface AnyBus {
  on(name: EventType, listener: (data: unknown, recorded?: RecordedEvent) => void): () => void
}

const keepAliveMs = 15_000
/** A reader that is this many bytes behind does not read and is let go: it must not hold our memory. */
const mostQueuedBytes = 1_000_000

/** Recorded events as they happen, as server-sent events. What was missed is in the timeline. */
export function eventStream({ bus, clock }: House, eventTypes: readonly EventType[], signal: AbortSignal): Response {
  const encoder = new TextEncoder()
  const ended = new AbortController()
  const off: (() => void)[] = []
  const forget = () => {
    ended.abort()
    for (const dispose of off) dispose()
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = () => {
          if (ended.signal.aborted) return
          forget()
          try {
            controller.close()
          } catch {
            // Cancelled by the reader: closed already.
          }
        }
        const send = (text: string) => {
          if (ended.signal.aborted) return
          if ((controller.desiredSize ?? 0) > 0) return controller.enqueue(encoder.encode(text))
          forget()
          // An error, for a close would keep what is queued until somebody reads it.
          controller.error(new Error('the reader of these events does not read them: connect again'))
        }
        // One event of many signals is emitted once for each: to a reader it is one.
        let last: string | undefined
        const any = bus as unknown as AnyBus
        for (const type of eventTypes)
          off.push(
            any.on(type, (_data, recorded) => {
              if (recorded === undefined) return
              const id = `${recorded.stream}@${recorded.version}`
              if (id === last) return
              last = id
              send(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(recorded)}\n\n`)
            }),
          )
        signal.addEventListener('abort', end, { once: true })
        send(': connected\n\n')
        void keepAlive(send)
      },
      cancel: forget,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: mostQueuedBytes }),
  )

  async function keepAlive(send: (text: string) => void) {
    while (!ended.signal.aborted) {
      await clock.sleep(keepAliveMs, ended.signal).catch(() => undefined)
      send(': still here\n\n')
    }
  }

  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  })
}
