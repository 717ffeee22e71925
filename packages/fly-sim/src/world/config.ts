import type { Json, JsonObject } from '@firebreak/core'

/** A machine's config is whatever the client sent; these read the few fields that the platform acts on, tolerantly. */

export function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

export function metadataOf(config: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(objectOf(config['metadata'])).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
}

export function groupOf(config: JsonObject): string {
  const metadata = objectOf(config['metadata'])
  return textOf(metadata['fly_process_group']) || textOf(metadata['process_group'])
}

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/** A Go duration ("1m30s"), or whole nanoseconds; `undefined` when it is neither. */
export function durationMs(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value / 1e6 : undefined
  if (typeof value !== 'string' || value === '') return undefined
  if (value === '0') return 0
  let total = 0
  let rest = value
  for (let found = leadingPart(rest); rest !== ''; found = leadingPart(rest)) {
    if (found === undefined) return undefined
    total += found.milliseconds
    rest = rest.slice(found.length)
  }
  return total
}

function leadingPart(text: string): { milliseconds: number; length: number } | undefined {
  const match = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/.exec(text)
  if (match === null) return undefined
  return { milliseconds: Number(match[1]) * (units[match[2] ?? ''] ?? 0), length: match[0].length }
}

export interface ConfiguredCheck {
  readonly name: string
  readonly kind: 'service' | 'readiness' | 'informational'
  readonly type: 'http' | 'tcp'
  readonly method: string
  readonly path: string
  readonly port: number
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly graceMs: number
}

/** All checks that the platform runs for a config, service checks first. */
export function configuredChecks(config: JsonObject): readonly ConfiguredCheck[] {
  const found: ConfiguredCheck[] = []
  const services = listOf(config['services']).map(objectOf)
  const firstPort = Number(services[0]?.['internal_port'] ?? 8080)
  let index = 0
  for (const service of services)
    for (const check of listOf(service['checks']).map(objectOf)) {
      const port = Number(check['port'] ?? service['internal_port'] ?? 8080)
      const type = check['type'] === 'tcp' ? 'tcp' : 'http'
      const name = textOf(check['name']) || `servicecheck-${String(index).padStart(2, '0')}-${type}-${port}`
      found.push(toCheck(name, 'service', type, port, check))
      index += 1
    }
  for (const [name, value] of Object.entries(objectOf(config['checks']))) {
    const check = objectOf(value)
    const kind = check['kind'] === 'readiness' ? 'readiness' : 'informational'
    found.push(toCheck(name, kind, check['type'] === 'tcp' ? 'tcp' : 'http', Number(check['port'] ?? firstPort), check))
  }
  return found
}

function toCheck(
  name: string,
  kind: ConfiguredCheck['kind'],
  type: ConfiguredCheck['type'],
  port: number,
  check: JsonObject,
): ConfiguredCheck {
  return {
    name,
    kind,
    type,
    port,
    method: textOf(check['method']).toUpperCase() || 'GET',
    path: textOf(check['path']) || '/',
    intervalMs: Math.max(1, durationMs(check['interval']) ?? 15_000),
    timeoutMs: Math.max(1, durationMs(check['timeout']) ?? 2_000),
    graceMs: durationMs(check['grace_period']) ?? 5_000,
  }
}

const autostopEcho: Readonly<Record<string, Json>> = { off: false, stop: true }

/** Answers keep booleans: "off" comes back as false, "stop" as true. */
export function normalizeConfig(config: JsonObject): JsonObject {
  const services = config['services']
  if (!Array.isArray(services)) return config
  return {
    ...config,
    services: services.map((service: Json) => {
      const { autostop } = objectOf(service)
      const echo = typeof autostop === 'string' ? autostopEcho[autostop] : undefined
      return echo === undefined ? service : { ...objectOf(service), autostop: echo }
    }),
  }
}
