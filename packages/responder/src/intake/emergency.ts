import type { Severity } from '@firebreak/core'
import type { House } from '../loop/house.ts'
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
  /** The last append that was tried failed. */
  readonly refusing: boolean
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
  const urgent = new Map<string, Severity>()
  let over: AbortController | undefined
  let failedAt = 0
  let appendedAt = 0
  const isBack = () => appendedAt > failedAt

  async function watchOver(since: number, signal: AbortSignal) {
    await clock.sleep(afterMs, signal)
    for (let number = 1; !signal.aborted; number += 1) {
      // Said again only while it is true. The first time it is said in any case: what was refused may concern one service alone.
      if (number > 1 && isBack()) return end()
      if (urgent.size > 0) await alarmAll(since, number)
      await clock.sleep(urgent.size > 0 ? everyMs : 1_000, signal)
    }
  }

  function end() {
    over?.abort()
    over = undefined
    urgent.clear()
  }

  async function alarmAll(since: number, number: number) {
    const severity = Array.from(urgent.values()).includes('P0') ? 'P0' : 'P1'
    const services = Array.from(urgent.keys())
    const named = services.slice(0, 10).join(', ') + (services.length > 10 ? ` and ${services.length - 10} more` : '')
    const alarm = {
      service: services[0] ?? '',
      severity,
      title: `${severity} ${named}: and the incident log is down, automation is off`,
      text: [
        `Seen: ${Array.from(urgent, ([service, level]) => `${service} ${level}`)
          .slice(0, 50)
          .join(', ')}.`,
        `The log has refused appends since ${new Date(since).toISOString()}. Nothing is changed automatically until it is back.`,
      ].join('\n'),
      idempotencyKey: `log-down-${since}-${number}`,
    } as const
    await Promise.all(
      parts.map(async (part) => {
        try {
          await part.alarm?.(alarm, { clock, signal: stopping })
        } catch (error) {
          logger.error('an alarm without the log could not be sent', { part: part.name, error: messageOf(error) })
        }
      }),
    )
  }

  return {
    failed(service, severity, error) {
      failedAt = clock.now()
      if (severity === 'P0' || severity === 'P1') urgent.set(service, severity)
      if (over !== undefined || stopping.aborted) return
      logger.error('the log refuses appends', { service, error: messageOf(error) })
      over = new AbortController()
      watchOver(clock.now(), AbortSignal.any([over.signal, stopping])).catch(() => undefined)
    },
    worked: end,
    appended() {
      appendedAt = clock.now()
    },
    get refusing() {
      return over !== undefined && !isBack()
    },
  }
}
