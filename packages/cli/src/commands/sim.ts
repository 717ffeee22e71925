import { createFlySim } from '@firebreak/fly-sim'
import { portError } from '../serve/listen.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Fly.io on localhost until interrupted, for flyctl and for scripts. */
export async function sim(
  { port, seed, signal }: { port: number; seed: number; signal: AbortSignal },
  terminal: Terminal,
): Promise<number> {
  const app = { machines: 3, regions: ['iad', 'iad', 'ord'], requestsPerSecond: 20 }
  const fly = createFlySim({
    seed,
    organization: 'hotdash',
    apps: [
      { ...app, name: 'hotdash-agent-service', releases: history('hotdash-agent-service') },
      { ...app, name: 'hotdash-llamaindex-mcp', releases: history('hotdash-llamaindex-mcp') },
    ],
  })
  const { url } = await fly.listen(port).catch((error: NodeJS.ErrnoException) => {
    throw portError(error, port)
  })
  terminal.line(`export FLY_FLAPS_BASE_URL=${url}`)
  terminal.line(`export FLY_API_BASE_URL=${url}`)
  terminal.line(`export FLY_UIEX_BASE_URL=${url}`)
  terminal.line(`export FLY_API_TOKEN=fo1_simulated   # any token will do`)
  terminal.line('# stop it: Ctrl-C')
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await fly.close()
  return 0
}

/** Two images, so that there is one to go back to. */
function history(app: string) {
  const day = 24 * 60 * 60_000
  return [
    { image: `registry.fly.io/${app}:deployment-1`, agoMs: 10 * day },
    { image: `registry.fly.io/${app}:deployment-2`, agoMs: day / 24 },
  ]
}
