import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config } from '../config.ts'
import { CliError } from '../failure.ts'

/** Loads `firebreak.config.ts` (Node strips its types) or `.js`/`.mjs`; what it exports by default is the config. */
export async function loadConfig(file: string): Promise<Config> {
  const path = resolve(file)
  if (!existsSync(path))
    throw new CliError('CONFIG_NOT_FOUND', `there is no ${file}: write one with firebreak init, or leave --config out`)
  let loaded: { default?: unknown }
  try {
    loaded = (await import(pathToFileURL(path).href)) as { default?: unknown }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CliError('CONFIG_INVALID', `${file} could not be loaded: ${why}`)
  }
  const config = loaded.default as Partial<Config> | undefined
  if (config === undefined || !Array.isArray(config.parts))
    throw new CliError(
      'CONFIG_INVALID',
      `${file} must end with: export default defineConfig({ parts: standardRunbook({ … }) })`,
    )
  return config as Config
}
