import { createId, redact, withDeadline, type Clock, type Probe, type Random, type Signal } from '@firebreak/core'
import { DetectError } from './detect-error.ts'
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

/** One probe's loop. Resolves when the signal aborts; never rejects. */
export async function runLookout(probe: Probe, lookout: Lookout): Promise<void> {
  const { rhythm, clock, random, tell, signal } = lookout
  const look = createLook(probe, lookout)
  let failures = 0
  let service = probe.service

  async function round() {
    const outcome = await look()
    if (signal.aborted) return
    if (outcome.ok) {
      if (failures >= rhythm.brokenAfter) tell.signal(brokenSignal('resolved', 'works again'))
      failures = 0
      for (const seen of outcome.signals) {
        service ??= seen.service
        tell.signal(seen)
      }
      return
    }
    failures += 1
    tell.failure(probe.name, outcome.error)
    if (failures >= rhythm.brokenAfter)
      tell.signal(brokenSignal('firing', `could not look ${failures} times in a row: ${describe(outcome.error)}`))
  }
  function brokenSignal(status: Signal['status'], what: string): Signal {
    const detail = `probe ${probe.name} ${what}`
    return {
      id: createId(clock, random),
      key: `probe/${probe.name}`,
      source: 'watch',
      // Being blind is no evidence for changing anything.
      measured: false,
      service: service ?? probe.name,
      status,
      at: new Date(clock.now()).toISOString(),
      summary: detail,
      symptoms: status === 'firing' ? [{ kind: 'warning', detail }] : [],
      labels: { probe: probe.name },
      links: [],
    }
  }
  function pauseMs(startedAt: number): number {
    const backoff = Math.min(
      Math.max(rhythm.maxBackoffMs, rhythm.everyMs),
      rhythm.everyMs * 2 ** Math.max(0, failures - 1),
    )
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
    return { ok: true, signals: await probe.observe({ signal }) }
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
