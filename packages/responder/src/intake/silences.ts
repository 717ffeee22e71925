import type { ServiceRecord } from '@firebreak/core'
import { earliest } from '../earliest.ts'
import type { Logger } from '../logger.ts'
import { messageOf } from '../loop/perform.ts'
import type { Heard } from './watched-service.ts'

type Silences = ServiceRecord['silences']

/** What silences hide from judgement at a time, and when the first of them ends that hides something firing. */
export interface Hidden<Word> {
  readonly rest: Iterable<Word>
  readonly until: number | undefined
}

/** A silence on `*` is on all of the service. */
export function hide<Word extends Pick<Heard, 'signal'>>(
  all: Iterable<Word>,
  silences: Silences,
  now: number,
): Hidden<Word> {
  if (silences.size === 0) return { rest: all, until: undefined }
  const endOf = (key: string) => Math.max(...[key, '*'].map((name) => silences.get(name)?.until ?? 0))
  const rest: Word[] = []
  let until = Infinity
  for (const word of all) {
    const end = endOf(word.signal.key)
    if (end <= now) rest.push(word)
    else if (word.signal.status === 'firing') until = Math.min(until, end)
  }
  return { rest, until: until === Infinity ? undefined : until }
}

/** Services of which silences hide something that fires. When they end it is judged, whether it is said again or not. */
export interface Silenced {
  saw(service: string, until: number | undefined): void
  /** When the first of its silences ends; milliseconds since the epoch. */
  endsAt(service: string): number | undefined
  /** Judges what is due. Gives the time when the next one ends. */
  end(now: number, judge: (service: string) => Promise<void>): Promise<number | undefined>
}

/** Where the log could not be reached. */
const retryMs = 5_000

export function createSilenced(logger: Logger, silencesOf: (service: string) => Promise<Silences>): Silenced {
  const ends = new Map<string, number>()
  /** Lifted before its end, by whomever, or replaced: what it hid is judged then. Where nobody can tell, it stands. */
  async function stands(service: string, until: number): Promise<boolean> {
    const silences = await silencesOf(service).catch(() => undefined)
    return silences === undefined || Array.from(silences.values()).some((it) => it.until === until)
  }
  return {
    saw(service, until) {
      if (until === undefined) ends.delete(service)
      else ends.set(service, until)
    },
    endsAt: (service) => ends.get(service),
    async end(now, judge) {
      for (const [service, at] of ends) {
        if (at > now && (await stands(service, at))) continue
        const due = Math.min(at, now)
        ends.set(service, due)
        await judge(service).catch((error: unknown) => {
          logger.warn('what a silence had hidden could not be judged', { service, error: messageOf(error) })
        })
        // Judged, it is gone from here, or waits for the next one to end.
        if (ends.get(service) === due) ends.set(service, now + retryMs)
      }
      return earliest(...ends.values())
    },
  }
}
