import type { IncidentLog, Probe } from '@firebreak/core'
import type { AnyPart, HttpOptions, ResponderOptions } from '@firebreak/responder'

/** What `firebreak serve` runs: a responder's options; the log may be left to `--db`. */
export interface Config extends Partial<Omit<ResponderOptions, 'parts' | 'log' | 'probes' | 'http'>> {
  readonly log?: IncidentLog | undefined
  readonly parts: readonly AnyPart[]
  readonly probes?: readonly Probe[] | undefined
  readonly http?: HttpOptions | undefined
}

/** Gives a config its types: `export default defineConfig({ … })`. */
export function defineConfig(config: Config): Config {
  return config
}
