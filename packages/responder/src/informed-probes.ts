import { serviceStream, type Probe, type Signal } from '@firebreak/core'
import { isIncident, type Streams } from './loop/streams.ts'

/** Probes that are told what fires on record for their service: an earlier process may have told what is over by now. */
export function informedProbes(probes: readonly Probe[], streams: Streams): readonly Probe[] {
  return probes.map((probe): Probe => {
    const { name, service, platform } = probe
    if (service === undefined) return probe
    return {
      name,
      service,
      ...(platform === undefined ? {} : { platform }),
      observe: async (context) => probe.observe({ ...context, firing: await firingOf(service, streams) }),
    }
  })
}

async function firingOf(service: string, streams: Streams): Promise<readonly Signal[]> {
  const incidents = await Promise.all(
    // What cannot be read is not known: that keeps nobody from looking.
    streams
      .incidentsOf(serviceStream(service))
      .map(async (stream) => streams.known(stream) ?? streams.incident(stream).catch(() => undefined)),
  )
  return incidents
    .filter((followed) => followed !== undefined && isIncident(followed))
    .filter(({ state }) => state.status !== 'resolved')
    .flatMap(({ state }) => Array.from(state.signals.values(), ({ signal }) => signal))
    .filter(({ status }) => status === 'firing')
}
