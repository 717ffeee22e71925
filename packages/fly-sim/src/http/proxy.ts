import { Agent, createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { App } from '../world/app.ts'
import { livingMachines } from '../world/app.ts'
import { isRoutable } from '../world/checks.ts'
import type { Machine } from '../world/machine.ts'
import { wake } from '../world/wake.ts'
import type { World } from '../world/world.ts'
import type { Counted } from './counted.ts'
import { collect, forward } from './forward.ts'
import type { Forwarded } from './forward.ts'
import { listenOnLoopback } from './listen.ts'
import type { Listening } from './listen.ts'

/** Where a machine's server is, and where its answers are counted. */
export interface Upstreams {
  port(machine: Machine): number | undefined
  counted(machine: Machine): Counted
  edge(app: App, region: string): Counted
}

const mostTries = 2

/** Fly's proxy for one app: balances over machines that are started, not cordoned and pass their checks; counts. */
export async function startProxy(world: World, app: App, upstreams: Upstreams): Promise<Listening> {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 })
  let turn = 0

  function next(tried: ReadonlySet<string>): Machine | undefined {
    const serving = livingMachines(app).filter((machine) => isRoutable(machine) && !tried.has(machine.id))
    turn += 1
    return serving[turn % Math.max(1, serving.length)]
  }

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const startedAt = world.agenda.now()
    const body = await collect(request)
    const tried = new Set<string>()
    let machine = next(tried) ?? (await wake(world, app))
    let status = 503
    while (machine !== undefined && tried.size < mostTries) {
      const port = upstreams.port(machine)
      const sentAt = world.agenda.now()
      const answer: Forwarded = port === undefined ? { kind: 'refused' } : await forward(agent, port, request, body)
      if (answer.kind === 'answered') {
        status = answer.status
        upstreams.counted(machine).count(status, (world.agenda.now() - sentAt) / 1_000)
        reply(response, status, answer.headers, answer.body)
        break
      }
      status = 502
      tell(world, machine, answer.kind)
      if (answer.kind === 'broken') break
      tried.add(machine.id)
      machine = next(tried)
    }
    if (!response.headersSent) {
      if (status === 503)
        world.logs.writeApp(app.name, 'error', '[PR01] no healthy machines to route the request to', {
          code: 'PR01',
          status,
        })
      reply(response, status, { 'content-type': 'text/plain' }, Buffer.from(`${status}\n`))
    }
    const region = machine?.region ?? livingMachines(app)[0]?.region ?? 'iad'
    upstreams.edge(app, region).count(status, (world.agenda.now() - startedAt) / 1_000)
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  const listening = await listenOnLoopback(server, 0)
  return {
    url: listening.url,
    async close() {
      agent.destroy()
      await listening.close()
    },
  }
}

function tell(world: World, machine: Machine, kind: 'refused' | 'broken') {
  const [code, words] =
    kind === 'refused'
      ? ['PC01', 'instance refused connection. is your app listening?']
      : ['PU02', 'could not complete HTTP request to instance: connection closed before message completed']
  world.logs.write(machine, 'error', `[${code}] ${words}`, 'proxy', { code })
}

function reply(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
) {
  if (response.destroyed) return
  const { connection: _, 'transfer-encoding': __, 'keep-alive': ___, ...kept } = headers
  response.writeHead(status, { ...kept, 'content-length': body.length }).end(body)
}
