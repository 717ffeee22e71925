import { createFlySim, type FlySimListening, type ShipOutcome } from '@firebreak/fly-sim'
import { portError } from '../serve/listen.ts'
import { agent, story, type StoryOptions } from './story.ts'

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
