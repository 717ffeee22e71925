import {
  createId,
  redact,
  withDeadline,
  type Clock,
  type Probe,
  type Random,
  type Signal,
  type Symptom,
} from '@firebreak/core'
import { DetectError } from './detect-error.ts'
import { serviceName } from './service-name.ts'
import type { Telling } from './telling.ts'

export interface Lookout {
  readonly rhythm: {
    readonly everyMs: number
    readonly jitter: number
    readonly timeoutMs: number
    readonly maxBackoffMs: number
    readonly brokenAfter: number
  }
  readonly clock: Clock
  readonly random: Random
  readonly tell: Telling
  readonly signal: AbortSignal
}

/** Blind for so long is no longer a matter of business hours (the default policy's 30 min). */
const blindAtMostMs = 30 * 60_000

/** One probe's loop. Resolves when the signal aborts; never rejects. */
export async function runLookout(probe: Probe, lookout: Lookout): Promise<void> {
  const { rhythm, clock, random, tell, signal } = lookout
  const look = createLook(probe, lookout)
  const longestPauseMs = Math.max(rhythm.maxBackoffMs, rhythm.everyMs)
  let failures = 0
  let blindSince: number | undefined
  /** A process before this one may have told that it was broken. */
  let maybeTold = true
  let service = probe.service
  /** Under which service it was told to be broken: it may have learnt its own only since. */
  let toldFor: string | undefined

  async function round() {
    const outcome = await look()
    if (signal.aborted) return
    if (outcome.ok) {
      service ??= outcome.signals[0]?.service
      if (maybeTold) tell.signal(brokenSignal('resolved', 'can look'))
      maybeTold = false
      toldFor = undefined
      failures = 0
      blindSince = undefined
      for (const seen of outcome.signals) tell.signal(seen)
      return
    }
    failures += 1
    blindSince ??= clock.now()
    tell.failure(probe.name, outcome.error)
    if (failures < rhythm.brokenAfter) return
    maybeTold = true
    toldFor ??= service ?? serviceName(probe.name)
    tell.signal(brokenSignal('firing', `could not look ${failures} times in a row: ${describe(outcome.error)}`))
  }
  function brokenSignal(status: Signal['status'], what: string): Signal {
    const blind = probe.platform !== undefined && status === 'firing'
    const detail = `${blind ? `we are blind, ${probe.platform} cannot be asked: ` : ''}probe ${probe.name} ${what}`
    return {
      id: createId(clock, random),
      key: `probe/${probe.name}`,
      source: 'watch',
      // Being blind is no evidence for changing anything.
      measured: false,
      service: toldFor ?? service ?? serviceName(probe.name),
      status,
      at: new Date(clock.now()).toISOString(),
      summary: detail,
      symptoms: status === 'firing' ? brokenSymptoms(detail) : [],
      labels: { probe: probe.name },
      links: [],
      // Told again at every failure, which come no further apart than the longest pause and the longest look.
      staleAfterMs: 2 * (longestPauseMs + rhythm.timeoutMs),
    }
  }
  /** A broken probe is a warning. Being blind is worse, and worse still when it lasts. */
  function brokenSymptoms(detail: string): Symptom[] {
    if (probe.platform === undefined) return [{ kind: 'warning', detail }]
    const lasts = blindSince !== undefined && clock.now() - blindSince >= blindAtMostMs
    const unseen: Symptom = { kind: 'dependency', name: probe.platform, role: 'other' }
    return lasts ? [unseen, { kind: 'stated', severity: 'P1' }] : [unseen]
  }
  function pauseMs(startedAt: number): number {
    const backoff = Math.min(longestPauseMs, rhythm.everyMs * 2 ** Math.max(0, failures - 1))
    const due = startedAt + backoff * (1 + rhythm.jitter * (random() - 0.5))
    return Math.max(0, due - clock.now())
  }

  try {
    await clock.sleep(rhythm.everyMs * rhythm.jitter * random(), signal)
    while (!signal.aborted) {
      const startedAt = clock.now()
      await round()
      await clock.sleep(pauseMs(startedAt), signal)
    }
  } catch {
    // Only the sleep rejects: the watch was stopped.
  }
}

type Outcome =
  | { readonly ok: true; readonly signals: readonly Signal[] }
  | { readonly ok: false; readonly error: unknown }

/** One observation within its time limit. A probe that ignores its signal is left alone until it comes back. */
function createLook(probe: Probe, { rhythm, clock, signal }: Lookout): () => Promise<Outcome> {
  let busySince: number | undefined
  return async function look() {
    if (busySince !== undefined) {
      const seconds = Math.round((clock.now() - busySince) / 1_000)
      return { ok: false, error: new DetectError('PROBE_BUSY', `${probe.name} has not come back for ${seconds} s`) }
    }
    const deadline = withDeadline(clock, rhythm.timeoutMs, signal)
    busySince = clock.now()
    const observation = observe(probe, deadline.signal).finally(() => void (busySince = undefined))
    try {
      return await Promise.race([observation, aborted(deadline.signal)])
    } finally {
      deadline.clear()
    }
  }
}

async function observe(probe: Probe, signal: AbortSignal): Promise<Outcome> {
  try {
    const signals: unknown = await probe.observe({ signal })
    if (Array.isArray(signals)) return { ok: true, signals }
    throw new DetectError('PROBE_BROKEN', `${probe.name} must give a list of signals`)
  } catch (error) {
    return { ok: false, error }
  }
}

function aborted(signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const give = () => resolve({ ok: false, error: signal.reason })
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
}

function describe(error: unknown): string {
  return error instanceof Error ? redact(error.message.slice(0, 200)) : 'unknown error'
}
