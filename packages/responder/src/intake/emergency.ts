import { withDeadline, type Severity, type StreamId } from '@firebreak/core'
import type { House } from '../loop/house.ts'
import { addWorst } from '../loop/in-hand.ts'
import { messageOf } from '../loop/perform.ts'
import type { AnyPart } from '../loop/plan.ts'

/** The log cannot be written: people are told from memory, because paging fails open. */
export interface Emergency {
  /** An append failed with this level in hand. */
  failed(service: string, severity: Severity | null, error: unknown): void
  /** Signals were appended: the emergency is over. */
  worked(): void
  /** Something else was appended: the log is back, though nobody repeats the signals that it refused. */
  appended(): void
  /** An append failed, whatever it was about. */
  refused(): void
  /** The loop could not record what this stream wants next; with what people may not have heard of, by service. */
  stuck(stream: StreamId, inHand: ReadonlyMap<string, Severity>, error: unknown): void
  /** It could, or nothing is wanted any more. */
  advanced(stream: StreamId): void
  /** The last append that was tried failed. */
  readonly refusing: boolean
  /** So did it within the last minute: whoever is sent nothing more never learns that the log is back. */
  readonly refusedLately: boolean
}

export interface EmergencyOptions {
  readonly house: House
  readonly parts: readonly AnyPart[]
  readonly stopping: AbortSignal
  /** How long appends must have failed, in milliseconds; default 15,000. */
  readonly afterMs?: number | undefined
  /** How often people are told again, in milliseconds; default 10 min. */
  readonly everyMs?: number | undefined
}

export function createEmergency(options: EmergencyOptions): Emergency {
  const { house, parts, stopping, afterMs = 15_000, everyMs = 10 * 60_000 } = options
  const { clock, logger } = house
  /** Of the signals that were refused. */
  const urgent = new Map<string, Severity>()
  /** What the loop tries again each second. */
  const stuck = new Map<StreamId, Stuck>()
  /** When people were last told of a service, kept beyond the end: a log may come and go. */
  const toldAt = new Map<string, number>()
  let over: AbortController | undefined
  let failedAt = -1
  let appendedAt = 0
  const isBack = () => appendedAt > failedAt

  async function watchOver(since: number, signal: AbortSignal) {
    await clock.sleep(afterMs, signal)
    let number = 0
    while (!signal.aborted) {
      const levels = longEnough()
      const isNews = Array.from(levels.keys()).some((it) => (toldAt.get(it) ?? -Infinity) + everyMs <= clock.now())
      // Said again only while it is true. The first time it is said in any case: what was refused may concern one service alone.
      if ((number > 0 || !isNews) && isBack() && stuck.size === 0) return end()
      if (isNews) await alarmAll(levels, since, (number += 1))
      await clock.sleep(isNews ? everyMs : 1_000, signal)
    }
  }

  /** What is stuck counts by its own time: in a storm, many single failures follow each other closely. */
  function longEnough(): ReadonlyMap<string, Severity> {
    const all = new Map(urgent)
    for (const { since, inHand } of stuck.values())
      if (since + afterMs <= clock.now()) for (const [service, severity] of inHand) addWorst(all, service, severity)
    return all
  }

  function begin(details: object, error: unknown) {
    if (over !== undefined || stopping.aborted) return
    logger.error('the log refuses appends', { ...details, error: messageOf(error) })
    over = new AbortController()
    watchOver(clock.now(), AbortSignal.any([over.signal, stopping])).catch(() => undefined)
  }

  function end() {
    over?.abort()
    over = undefined
    urgent.clear()
  }

  async function alarmAll(levels: ReadonlyMap<string, Severity>, since: number, number: number) {
    for (const service of levels.keys()) toldAt.set(service, clock.now())
    const severity = Array.from(levels.values()).includes('P0') ? 'P0' : 'P1'
    const services = Array.from(levels.keys())
    const named = services.slice(0, 10).join(', ') + (services.length > 10 ? ` and ${services.length - 10} more` : '')
    const alarm = {
      service: services[0] ?? '',
      severity,
      title: `${severity} ${named}: and the incident log is down, automation is off`,
      text: [
        `Seen: ${Array.from(levels, ([service, level]) => `${service} ${level}`)
          .slice(0, 50)
          .join(', ')}.`,
        `The log has refused appends since ${new Date(since).toISOString()}. Nothing is changed automatically until it is back.`,
      ].join('\n'),
      idempotencyKey: `log-down-${since}-${number}`,
    } as const
    await Promise.all(
      parts.map(async (part) => {
        const deadline = withDeadline(clock, alarmMs, stopping)
        try {
          const given = Promise.resolve(part.alarm?.(alarm, { clock, signal: deadline.signal }))
          await Promise.race([given, aborted(deadline.signal)])
        } catch (error) {
          logger.error('an alarm without the log could not be sent', { part: part.name, error: messageOf(error) })
        } finally {
          deadline.clear()
        }
      }),
    )
  }

  return {
    failed(service, severity, error) {
      failedAt = clock.now()
      if (wakes(severity)) urgent.set(service, severity)
      begin({ service }, error)
    },
    worked() {
      urgent.clear()
      // A log that takes signals may still refuse the pages that they ask for.
      if (stuck.size === 0) end()
    },
    appended() {
      appendedAt = clock.now()
    },
    refused() {
      failedAt = clock.now()
    },
    stuck(stream, inHand, error) {
      const since = stuck.get(stream)?.since ?? clock.now()
      stuck.set(stream, { since, inHand: new Map(Array.from(inHand).filter(([, level]) => wakes(level))) })
      begin({ stream }, error)
    },
    advanced(stream) {
      if (stuck.delete(stream) && stuck.size === 0 && urgent.size === 0) end()
    },
    get refusing() {
      return over !== undefined && !isBack()
    },
    get refusedLately() {
      return over !== undefined && !isBack() && clock.now() - failedAt < lateMs
    },
  }
}

/** Milliseconds that one part's alarm may take: the others' repetitions do not wait for what never answers. */
const alarmMs = 60_000

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = () => reject(signal.reason as Error)
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })
}

/** How long a refused append says something of the log, in milliseconds. */
const lateMs = 60_000

interface Stuck {
  readonly since: number
  readonly inHand: ReadonlyMap<string, Severity>
}

function wakes(severity: Severity | null): severity is 'P0' | 'P1' {
  return severity === 'P0' || severity === 'P1'
}
