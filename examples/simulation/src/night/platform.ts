import type { Clock, DeployTarget, EffectContext, IncidentLog, Probe, Signal, Symptom, Unit } from '@firebreak/core'
import { memoryTarget, type MemoryTarget } from '@firebreak/rollback/testing'
import type { Gate } from './gate.ts'
import type { FleetUnit } from './story.ts'

export const service = 'shop'
export const goodImage = 'shop:good'
export const fixedImage = 'shop:fixed'

const day = 24 * 60 * 60_000

/** A write as it was asked for, and where the log stood then. */
export interface AskedWrite {
  readonly call: 'update' | 'restart' | 'isolate'
  readonly unit: string
  readonly at: number
  /** How many events had been recorded. */
  readonly after: number
}

/** An update that took effect. */
export interface Effect {
  readonly unit: string
  readonly image: string
  readonly at: number
  /** What the unit ran before. */
  readonly before: string
}

export interface Platform {
  readonly target: MemoryTarget
  readonly asked: readonly AskedWrite[]
  readonly effects: readonly Effect[]
  shipped(image: string): void
  revertNext(times: number): void
  databaseDown: boolean
  /** As one process sees it. */
  seenThrough(gate: Gate): DeployTarget
  probes(gate: Gate): readonly Probe[]
}

/** One service of a few machines, its deploy target, and what is known of every write. */
export function createPlatform(clock: Clock, log: IncidentLog, fleet: readonly FleetUnit[]): Platform {
  const started = clock.now()
  const target = memoryTarget({
    service,
    clock,
    units: fleet,
    releases: [
      { version: 1, image: 'shop:old', createdAt: new Date(started - 10 * day).toISOString() },
      { version: 2, image: goodImage, createdAt: new Date(started - 2 * day).toISOString() },
    ],
  })
  const asked: AskedWrite[] = []
  const effects: Effect[] = []
  const running = new Map(fleet.map(({ id }) => [id, goodImage]))
  let reverts = 0
  let seen = 0

  /** Takes over what was applied since the last look, in order. */
  function notice() {
    for (const { unit, image, at } of target.applied.slice(seen)) {
      effects.push({ unit, image, at, before: running.get(unit) ?? '' })
      running.set(unit, image)
    }
    seen = target.applied.length
  }

  async function ask(call: AskedWrite['call'], unit: string) {
    const at = clock.now()
    asked.push({ call, unit, at, after: Number((await log.head?.()) ?? 0) })
  }

  /** A unit comes up by itself, whether somebody waits for it or not. */
  async function comeUp(unit: string) {
    await clock.sleep(20_000)
    const state = (await target.observe(unit, { signal: new AbortController().signal }).catch(() => undefined))?.state
    if (state === 'updating') target.change(unit, { state: 'started' })
  }

  const watched: DeployTarget = {
    ...target,
    async update(unit, release, context) {
      void ask('update', unit.id)
      const before = running.get(unit.id) ?? ''
      const before2 = target.applied.length
      try {
        return await target.update(unit, release, context)
      } finally {
        notice()
        if (target.applied.length > before2) void comeUp(unit.id)
        if (reverts > 0 && running.get(unit.id) === release.image && before !== release.image) {
          reverts -= 1
          running.set(unit.id, before)
          target.change(unit.id, { image: before })
        }
      }
    },
  }
  async function restart(unit: Unit, context: EffectContext) {
    void ask('restart', unit.id)
    void comeUp(unit.id)
    return target.restart(unit, context)
  }
  async function isolate(unit: Unit, context: EffectContext) {
    void ask('isolate', unit.id)
    return target.isolate(unit, context)
  }

  const platform: Platform = {
    target,
    asked,
    effects,
    databaseDown: false,
    shipped(image) {
      notice()
      for (const unit of running.keys()) running.set(unit, image)
    },
    revertNext(times) {
      reverts += times
    },
    seenThrough(gate) {
      const read = <T>(call: () => Promise<T>) => gate.through(call)
      return {
        service,
        releases: (query) => read(() => watched.releases(query)),
        available: (release, context) => read(() => watched.available(release, context)),
        units: (context) => read(() => watched.units(context)),
        observe: (unit, context) => read(() => watched.observe(unit, context)),
        update: (unit, release, context) => gate.through(() => watched.update(unit, release, context), 'write'),
        settle: (unit, context) => read(() => watched.settle(unit, context)),
        lock: (context) => read(() => target.lock(context)),
        renew: (lock, context) => read(() => target.renew(lock, context)),
        unlock: (lock, context) => read(() => target.unlock(lock, context)),
        recordRelease: (release, context) => read(() => target.recordRelease(release, context)),
        restart: (unit, context) => gate.through(() => restart(unit, context), 'write'),
        isolate: (unit, context) => gate.through(() => isolate(unit, context), 'write'),
        rejoin: (unit, context) => read(() => target.rejoin(unit, context)),
        platform: (context) => read(() => target.platform(context)),
      }
    },
    probes: (gate) => [
      probe('edge', gate, async (signal) => {
        const now = clock.now()
        const { errorRatio, requests } = await target.health.sample({ since: now - 60_000, until: now, signal })
        const ratio = errorRatio ?? 0
        const symptoms: Symptom[] = [{ kind: 'errorRate', ratio, requests: requests ?? 0, windowMs: 60_000 }]
        return { firing: ratio >= 0.01, summary: `${Math.round(ratio * 100)} % of requests fail`, symptoms }
      }),
      probe('checks', gate, async (signal) => {
        const units = await target.units({ signal })
        const passing = units.filter(({ checks }) => checks.every(({ status }) => status === 'passing')).length
        const symptoms: Symptom[] = [{ kind: 'checks', passing, total: units.length, intermittent: false }]
        return { firing: passing < units.length, summary: `${passing} of ${units.length} pass`, symptoms }
      }),
      probe('database', gate, async () => ({
        firing: platform.databaseDown,
        summary: platform.databaseDown ? 'the database refuses connections' : 'the database answers',
        symptoms: platform.databaseDown ? [{ kind: 'dependency', name: 'postgres', role: 'database' }] : [],
      })),
    ],
  }
  return platform
}

type Look = (signal: AbortSignal) => Promise<{ firing: boolean; summary: string; symptoms: readonly Symptom[] }>

function probe(name: string, gate: Gate, look: Look): Probe {
  let looks = 0
  return {
    name,
    async observe({ signal }): Promise<readonly Signal[]> {
      const { firing, summary, symptoms } = await gate.through(() => look(signal))
      looks += 1
      const at = gate.clock.now()
      return [
        {
          id: `${name}-${at}-${looks}`,
          key: name,
          source: name,
          measured: true,
          service,
          status: firing ? 'firing' : 'resolved',
          at: new Date(at).toISOString(),
          summary,
          symptoms,
          labels: {},
          links: [],
        },
      ]
    },
  }
}
