import { serviceStream, type NewEvent, type Signal, type Write } from '@firebreak/core'
import type { Heard, WatchedService } from './watched-service.ts'

export interface Observed {
  readonly count: number
  readonly event: NewEvent
  recorded(now: number): void
}

/**
 * One event for what was heard, each signal with the repetitions that were not worth an append of their own. `recorded` is
 * for when it has been appended: what is said again meanwhile counts for the next one.
 */
export function observed(heard: readonly Heard[]): Observed {
  const said = heard.map(({ signal, unrecorded }) => ({ signal, count: unrecorded }))
  const [first, ...also] = heard.map(({ signal, unrecorded }) =>
    unrecorded > 1 ? { ...plain(signal), repeats: unrecorded - 1 } : plain(signal),
  )
  const data = also.length === 0 ? (first ?? {}) : { ...first, also }
  return {
    count: heard.length,
    event: { type: 'signal.observed', actor: `intake:${first?.source ?? 'unknown'}`, data },
    recorded(now) {
      for (const [index, it] of heard.entries()) {
        const { signal, count } = said[index] ?? { signal: it.signal, count: 0 }
        it.recordedAt = now
        it.recorded = signal
        it.unrecorded = Math.max(0, it.unrecorded - count)
      }
    },
  }
}

/** With labels as they come back from JSON: then the log need not read its own bytes to say what it keeps. */
function plain(signal: Signal): Signal {
  if (Object.getPrototypeOf(signal.labels) === Object.prototype) return signal
  return { ...signal, labels: { ...signal.labels } }
}

/**
 * Repetitions that no later signal has taken to the log: those whose time has come, and when to look next. Within a window
 * of what was recorded they are only counted; a signal that goes on after it takes the count along, and is given time to.
 */
export function unsaid({ heard, signals }: WatchedService, now: number, repeatEveryMs: number) {
  const due: Heard[] = []
  let nextAt = Infinity
  const timeOf = (recordedAt: number) => {
    const at = recordedAt + 1.5 * repeatEveryMs
    if (at > now) nextAt = Math.min(nextAt, at)
    return at
  }
  for (const it of heard.values())
    if (it.recordedAt !== 0 && timeOf(it.recordedAt) <= now && it.unrecorded > 0) due.push(it)
  for (const { signal, lastAt } of signals.values()) if (!heard.has(signal.key)) timeOf(lastAt)
  return { due, nextAt }
}

/** What is news, and what was said meanwhile without being recorded. */
export function withCause(watched: WatchedService, news: readonly Heard[]): readonly Heard[] {
  const silent = Array.from(watched.heard.values()).filter((it) => it.unrecorded > 0 && !news.includes(it))
  return [...news, ...silent]
}

/** Changes between well and ill go to the service's own stream too: flapping outlives an incident. */
export function flips(service: string, heard: readonly Heard[], now: number): readonly Write[] {
  const changed = heard.filter(({ changedAt }) => changedAt === now)
  if (changed.length === 0) return []
  const events = changed.map(({ signal, felt = signal.status }): NewEvent => ({
    id: `change:${signal.id}`,
    type: 'signal.observed',
    actor: `intake:${signal.source}`,
    data: felt === signal.status ? signal : { ...signal, felt },
  }))
  return [{ stream: serviceStream(service), events, expected: 'dedupe' }]
}
