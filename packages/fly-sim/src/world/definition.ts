import type { Json, JsonObject } from '@firebreak/core'
import type { SimApp, SimCheck } from '../options.ts'

/** fly.toml as JSON, as it would have had to be for the machines to have the config that they have. */
export function definitionOf(options: SimApp): JsonObject {
  const { name, regions = ['iad'], env = {}, internalPort = 8080, serviceChecks = [{}], checks = {} } = options
  const groups = groupsOf(options)
  const service: JsonObject = {
    protocol: 'tcp',
    internal_port: internalPort ?? 0,
    auto_stop_machines: 'off',
    auto_start_machines: true,
    min_machines_running: 0,
    ports: servicePorts,
    concurrency,
    http_checks: serviceChecks.filter(({ type = 'http' }) => type === 'http').map((check) => definedCheck(check, true)),
    tcp_checks: serviceChecks.filter(({ type = 'http' }) => type === 'tcp').map((check) => definedCheck(check, false)),
    processes: groups,
  }
  return {
    app: name,
    primary_region: regions[0] ?? 'iad',
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(groups.length === 1 && groups[0] === 'app'
      ? {}
      : { processes: Object.fromEntries(groups.map((group) => [group, ''])) }),
    ...(internalPort === null ? {} : { services: [service] }),
    ...(Object.keys(checks).length === 0
      ? {}
      : {
          checks: Object.fromEntries(
            Object.entries(checks).map(([name_, check]) => [
              name_,
              {
                type: check.type ?? 'http',
                port: check.port ?? internalPort ?? 8080,
                ...definedCheck(check, (check.type ?? 'http') === 'http'),
              },
            ]),
          ),
        }),
  }
}

export const servicePorts: Json = [
  { port: 80, handlers: ['http'], force_https: true },
  { port: 443, handlers: ['tls', 'http'] },
]
export const concurrency: JsonObject = { type: 'requests', soft_limit: 20, hard_limit: 100 }

/** What a check's definition and its config in a machine have in common. */
export function definedCheck(
  { path = '/health', intervalMs = 15_000, timeoutMs = 2_000, graceMs = 5_000 }: SimCheck,
  http: boolean,
): JsonObject {
  return {
    ...(http ? { method: 'get', path, protocol: 'http' } : {}),
    interval: goDuration(intervalMs),
    timeout: goDuration(timeoutMs),
    grace_period: goDuration(graceMs),
  }
}

function groupsOf({ machines = 0, group = 'app' }: SimApp): readonly string[] {
  const groups = typeof machines === 'number' ? [] : machines.map((machine) => machine.group ?? group)
  return groups.length === 0 ? [group] : [...new Set(groups)]
}

/** As Go writes durations: "15s", "1m30s", "250ms". */
function goDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds}ms`
  const hours = Math.floor(milliseconds / 3_600_000)
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000)
  const seconds = (milliseconds % 60_000) / 1_000
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`
}
