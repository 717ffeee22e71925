import { systemClock } from '@firebreak/core'
import { createFlySim, type FlySim, type FlySimListening, type ShipOutcome } from '@firebreak/fly-sim'
import { portError } from '../serve/listen.ts'
import { agent, neighbour, story, type StoryOptions } from './story.ts'

/** Fly.io on localhost with its two apps running. */
export interface DrillWorld {
  readonly url: string
  /** Where users reach each app. */
  readonly apps: FlySimListening['apps']
  /** `fly deploy --image`, by the same calls. */
  ship(image: string): Promise<ShipOutcome>
  /** How many requests changed something, by operation, since the deploy. */
  writes(): Readonly<Record<string, number>>
  close(): Promise<void>
}

export async function startWorld({ port, ...options }: StoryOptions & { port: number }): Promise<DrillWorld> {
  const sim = createFlySim(story(options))
  const { url, apps } = await sim.listen(port).catch(async (error: NodeJS.ErrnoException) => {
    await sim.close()
    throw portError(error, port)
  })
  await untilHealthy(sim)
  return {
    url,
    apps,
    async ship(image) {
      const outcome = await sim.admin.ship(agent, image, { smokeMs: 300, pollMs: 100, description: 'Deploy image' })
      sim.admin.clearCalls()
      return outcome
    },
    writes: () => sim.admin.writes(),
    close: () => sim.close(),
  }
}

/** Users come when the machines are there: every check of every machine has passed once. */
async function untilHealthy({ admin }: FlySim): Promise<void> {
  const ready = (app: string) =>
    admin.machines(app).every(({ checks }) => {
      const results = Object.values(checks)
      return results.length > 0 && results.every((status) => status === 'passing')
    })
  for (let looks = 0; looks < 100 && !(ready(agent) && ready(neighbour)); looks += 1) await systemClock.sleep(100)
}
