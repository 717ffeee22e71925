import { existsSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config } from '../config.ts'
import { CliError } from '../failure.ts'
import { packageTypeOf } from '../package-type.ts'

/** Loads `firebreak.config.ts` or `.mts` (Node strips its types), `.js` or `.mjs`; what it exports by default is the config. */
export async function loadConfig(file: string): Promise<Config> {
  const path = resolve(file)
  if (!existsSync(path))
    throw new CliError('CONFIG_NOT_FOUND', `there is no ${file}: write one with firebreak init, or leave --config out`)
  if (statSync(path).isDirectory())
    throw new CliError('CONFIG_NOT_FOUND', `${file} is a folder: name the config file in it`)
  let loaded: { default?: unknown }
  try {
    loaded = (await import(pathToFileURL(path).href)) as { default?: unknown }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CliError('CONFIG_INVALID', `${file} could not be loaded: ${takenForCommonJs(path, error) ?? why}`)
  }
  const config = loaded.default as Partial<Config> | null | undefined
  if (config == null || !Array.isArray(config.parts) || !config.parts.every(isPart))
    throw new CliError(
      'CONFIG_INVALID',
      `${file} must end with: export default defineConfig({ parts: standardRunbook({ … }) })`,
    )
  if (config.probes !== undefined && !Array.isArray(config.probes))
    throw new CliError('CONFIG_INVALID', `probes in ${file} must be a list: probes: [flyProbe(app)]`)
  for (const name of Object.keys(config)) if (!Object.hasOwn(options, name)) throw unknownOption(name, file)
  return config as Config
}

/** Everything that a config may hold: an option that nobody reads would be a rule that nobody keeps. */
const options: Readonly<Record<keyof Config, true>> = {
  parts: true,
  log: true,
  probes: true,
  probeEveryMs: true,
  probeTimeoutMs: true,
  http: true,
  heartbeat: true,
  policy: true,
  bus: true,
  clock: true,
  random: true,
  logger: true,
  holdFile: true,
  repeatEveryMs: true,
  reopenWithinMs: true,
  linkWithinMs: true,
  pollEveryMs: true,
  mostInMemory: true,
  acknowledgementLapsesAfterMs: true,
}

function unknownOption(name: string, file: string): CliError {
  const meant = Object.keys(options).find((known) => known.toLowerCase() === name.toLowerCase())
  const advice = meant === undefined ? `known are ${Object.keys(options).join(', ')}` : `write ${meant}`
  return new CliError('CONFIG_INVALID', `${file}: there is no option ${JSON.stringify(name)}: ${advice}`)
}

/** Node says neither whose word it was nor what to do; what it does say is its only sign. */
function takenForCommonJs(path: string, error: unknown): string | undefined {
  const moduleName = basename(path).replace(/\.([jt]s)$/, '.m$1')
  if (!(error instanceof SyntaxError) || !/outside a module|'export'/.test(error.message)) return undefined
  if (moduleName === basename(path) || packageTypeOf(dirname(path)) !== 'commonjs') return undefined
  return `its package.json says "type": "commonjs": name the file ${moduleName}, or put "type": "module" into package.json`
}

function isPart(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'plan' in part && typeof part.plan === 'function'
}
