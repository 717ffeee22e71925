import { connect } from 'node:net'
import { required, systemClock, withDeadline, type Probe } from '@firebreak/core'
import { couldNotLook } from './could-not-look.ts'
import { numberIn, wholeIn } from './numbers.ts'
import type { FactProbeOptions } from './probe-options.ts'
import { factProbe } from './verdict.ts'

export interface TcpProbeOptions extends FactProbeOptions {
  readonly host: string
  readonly port: number
  /** Milliseconds until a port that does not answer counts as closed. Default 5,000. */
  readonly timeoutMs?: number | undefined
}

/** A port that must accept connections. Nothing is sent. */
export function tcpProbe(options: TcpProbeOptions): Probe & { readonly service: string } {
  const { clock = systemClock } = options
  const host = required(options.host, 'host', 'tcpProbe')
  const port = wholeIn(options.port, 'port', 1, 65_535)
  const timeoutMs = numberIn(options.timeoutMs ?? 5_000, 'timeoutMs', 1)
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const name = options.name ?? `tcp/${address}`

  return factProbe('tcp', name, options, async (signal) => {
    signal.throwIfAborted()
    const deadline = withDeadline(clock, timeoutMs, signal)
    const startedAt = clock.now()
    try {
      await accepts(host, port, deadline.signal)
      return { ok: true, summary: `${address} accepts connections (${clock.now() - startedAt} ms)` }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (deadline.signal.aborted) return { ok: false, summary: `${address} does not accept within ${timeoutMs} ms` }
      return { ok: false, summary: `${address} ${couldNotLook(error, name)}` }
    } finally {
      deadline.clear()
    }
  })
}

function accepts(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const abort = () => fail(signal.reason)
    const finish = () => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
    }
    function fail(reason: unknown) {
      finish()
      reject(reason as Error)
    }
    socket.once('connect', () => {
      finish()
      resolve()
    })
    socket.on('error', fail)
    signal.addEventListener('abort', abort, { once: true })
  })
}
