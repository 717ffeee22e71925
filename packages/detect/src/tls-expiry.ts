import { connect } from 'node:tls'
import { systemClock, withDeadline, type Clock, type Signal } from '@firebreak/core'
import { createObserver } from './observer.ts'
import type { ProbeOptions } from './probe-options.ts'

const day = 24 * 60 * 60_000
/** A certificate does not change from one look to the next. */
const lookEveryMs = 60 * 60_000
const timeoutMs = 3_000

/** A warning when the certificate of an https address ends within so many days, under `<name>/certificate`. */
export function createCertificateLook(url: URL, name: string, options: ProbeOptions & { certificateDays: number }) {
  const { clock = systemClock, certificateDays } = options
  const observed = createObserver('http', name, options)
  let lookedAt = Number.NEGATIVE_INFINITY
  let endsAt: number | undefined

  return async function look(signal: AbortSignal): Promise<readonly Signal[]> {
    if (clock.now() - lookedAt >= lookEveryMs) {
      const read = await inTime((limited) => certificateEnd(url, limited), signal, clock)
      // What could not be read is tried again at the next look; that the host is down is said by the probe itself.
      if (read !== undefined) {
        endsAt = read
        lookedAt = clock.now()
      }
    }
    if (endsAt === undefined) return []
    const days = Math.floor((endsAt - clock.now()) / day)
    const detail = `the certificate of ${url.host} ends in ${days} days`
    const firing = days < certificateDays
    return [
      observed({
        aspect: 'certificate',
        status: firing ? 'firing' : 'resolved',
        summary: detail,
        symptoms: firing ? [{ kind: 'warning', detail }] : [],
      }),
    ]
  }
}

async function inTime<T>(work: (signal: AbortSignal) => Promise<T>, parent: AbortSignal, clock: Clock): Promise<T> {
  const deadline = withDeadline(clock, timeoutMs, parent)
  try {
    return await work(deadline.signal)
  } finally {
    deadline.clear()
  }
}

/** When the certificate that is shown there ends, in milliseconds since the epoch; nothing when it cannot be read. */
export function certificateEnd(url: URL, signal: AbortSignal): Promise<number | undefined> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve) => {
    // Trust is judged by the request itself; here the date of any certificate is wanted, an untrusted one's too.
    const socket = connect({ host, port: Number(url.port || 443), servername: nameOf(host), rejectUnauthorized: false })
    function finish(endsAt?: number) {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      resolve(endsAt)
    }
    const abort = () => finish()
    socket.once('secureConnect', () => {
      const at = Date.parse(socket.getPeerCertificate().valid_to)
      finish(Number.isNaN(at) ? undefined : at)
    })
    socket.on('error', abort)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

/** An address is no server name (RFC 6066). */
function nameOf(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host
}
