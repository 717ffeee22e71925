import { createServer, request as httpRequest } from 'node:http'
import type { Server } from 'node:http'
import { drawLatency } from '../behaviour.ts'
import type { CheckResult } from '../world/checks.ts'
import type { ConfiguredCheck } from '../world/config.ts'
import type { Machine } from '../world/machine.ts'
import { profileOf } from '../world/profile.ts'
import type { World } from '../world/world.ts'
import { closeServer, listenOnLoopback } from './listen.ts'

/** One machine's process: a server that answers as its image and its age say. */
export interface MachineServer {
  readonly port: number
  /** Takes no new requests; those under way are finished within the grace, in milliseconds. */
  close(graceMs: number): void
  readonly closed: Promise<void>
}

export async function startMachineServer(world: World, machine: Machine): Promise<MachineServer> {
  const fails = spread(world.random())
  const server = createServer((request, response) => {
    request.resume()
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const profile = profileOf(world, machine, path)
    const failed = fails(path, profile.errorRatio)
    const milliseconds = drawLatency(profile, world.random())
    const status = failed ? profile.status : 200
    const answer = () => {
      if (response.destroyed) return
      response
        .writeHead(status, { 'content-type': 'text/plain', 'fly-machine-id': machine.id })
        .end(failed ? 'error\n' : 'ok\n')
    }
    if (failed && !isCheck(machine, path))
      world.logs.write(machine, 'error', `${request.method ?? 'GET'} ${path} failed with ${status}`, 'app', { status })
    world.agenda.after(milliseconds, answer)
  })
  // Longer than any pause between two requests of the proxy: it would otherwise meet connections that are just closing.
  server.keepAliveTimeout = 60_000
  const listening = await listenOnLoopback(server, 0)
  const port = Number(new URL(listening.url).port)
  let closed: Promise<void> | undefined
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    port,
    closed: promise,
    close(graceMs) {
      if (closed !== undefined) {
        if (graceMs === 0) server.closeAllConnections()
        return
      }
      closed = drain(server, graceMs, (milliseconds, run) => void world.agenda.after(milliseconds, run))
      void closed.then(resolve)
    },
  }
}

/** Failures as evenly as virtual machines have them: of ten requests at 60 % six fail, whenever they come. */
function spread(begin: number): (path: string, ratio: number) => boolean {
  const owed = new Map<string, number>()
  return (path, ratio) => {
    const now = (owed.get(path) ?? begin) + ratio
    owed.set(path, now >= 1 ? now - 1 : now)
    return now >= 1
  }
}

function drain(server: Server, graceMs: number, after: (milliseconds: number, run: () => void) => void): Promise<void> {
  if (graceMs === 0) return closeServer(server)
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
    after(graceMs, () => server.closeAllConnections())
  })
}

function isCheck(machine: Machine, path: string): boolean {
  return machine.checks.length > 0 && JSON.stringify(machine.version.config['services'] ?? '').includes(`"${path}"`)
}

/** A health check as the platform makes it: a real request, 2xx passes, a redirect does not. */
export function probeServer(world: World, port: number, check: ConfiguredCheck): Promise<CheckResult> {
  return new Promise((resolve) => {
    let settled = false
    const finish = (result: CheckResult) => {
      if (settled) return
      settled = true
      deadline.cancel()
      resolve(result)
    }
    const probe = httpRequest(
      { host: '127.0.0.1', port, method: check.type === 'tcp' ? 'HEAD' : check.method, path: check.path, agent: false },
      (response) => {
        response.resume()
        const status = response.statusCode ?? 0
        const passed = check.type === 'tcp' || (status >= 200 && status < 300)
        finish({ passed, output: `HTTP ${status}${status === 200 ? ' OK' : ''}` })
      },
    )
    const deadline = world.agenda.after(check.timeoutMs, () => {
      finish({ passed: false, output: 'context deadline exceeded' })
      probe.destroy()
    })
    probe.once('error', (error) => finish({ passed: false, output: `connect: ${error.message}` }))
    probe.end()
  })
}
