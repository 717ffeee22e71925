import { Agent, createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { App } from '../world/app.ts'
import { livingMachines } from '../world/app.ts'
import { isRoutable } from '../world/checks.ts'
import type { Machine } from '../world/machine.ts'
import { wake } from '../world/wake.ts'
import type { World } from '../world/world.ts'
import type { Counted } from './counted.ts'
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
    for (let tries = 0; machine !== undefined && tries < mostTries; tries += 1) {
      const port = upstreams.port(machine)
      const sentAt = world.agenda.now()
      const answer = port === undefined ? undefined : await forward(agent, port, request, body)
      if (answer !== undefined) {
        status = answer.status
        upstreams.counted(machine).count(status, (world.agenda.now() - sentAt) / 1_000)
        reply(response, status, answer.headers, answer.body)
        break
      }
      status = 502
      tried.add(machine.id)
      world.logs.write(machine, 'error', '[PC01] instance refused connection. is your app listening?', 'proxy', {
        code: 'PC01',
      })
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

interface Forwarded {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Undefined when the machine did not take the connection, or broke it off. */
function forward(agent: Agent, port: number, request: IncomingMessage, body: Buffer): Promise<Forwarded | undefined> {
  return new Promise((resolve) => {
    const { connection: _, 'transfer-encoding': __, ...headers } = request.headers
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method: request.method,
        path: request.url,
        headers: { ...headers, 'content-length': body.length },
        agent,
      },
      (incoming) => {
        collect(incoming).then(
          (answered) => resolve({ status: incoming.statusCode ?? 502, headers: incoming.headers, body: answered }),
          () => resolve(undefined),
        )
      },
    )
    outgoing.once('error', () => resolve(undefined))
    outgoing.end(body)
  })
}

function reply(response: ServerResponse, status: number, headers: Forwarded['headers'], body: Buffer) {
  if (response.destroyed) return
  const { connection: _, 'transfer-encoding': __, 'keep-alive': ___, ...kept } = headers
  response.writeHead(status, { ...kept, 'content-length': body.length }).end(body)
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
