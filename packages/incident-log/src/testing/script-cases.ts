import { seededRandom, type IncidentLog } from '@firebreak/core'
import { createTestClock, type Runner } from '@firebreak/core/testing'
import { memoryLog } from '../memory-log.ts'
import type { LogCapabilities, LogFactory } from './kit.ts'
import { playScript } from './script.ts'

const seeds = [1, 2, 3, 4, 5]

/** The same commands on this log and on the one in memory: both answer the same, and hold the same. */
export function describeScripts(
  factory: LogFactory,
  capabilities: LogCapabilities,
  { test, expect }: Runner,
  { commands = 60 }: { commands?: number | undefined } = {},
): void {
  const play = async (
    seed: number,
    open: (clock: ReturnType<typeof createTestClock>) => IncidentLog | Promise<IncidentLog>,
  ) => {
    const clock = createTestClock()
    const log = await open(clock)
    try {
      return await playScript(log, clock, { seed, commands, capabilities })
    } finally {
      await log.close()
    }
  }
  for (const seed of seeds) {
    test(`scripted commands give the same answers and the same streams as in memory (seed ${seed})`, async () => {
      const random = () => seededRandom(seed)
      const here = await play(seed, (clock) => factory({ name: `script_${seed}`, clock, random: random() }))
      const inMemory = await play(seed, (clock) => memoryLog({ clock, random: random() }))
      for (const [step, line] of inMemory.entries()) expect(here[step], `seed ${seed}, step ${step}`).toBe(line)
      expect(here.length).toBe(inMemory.length)
    })
  }
}
