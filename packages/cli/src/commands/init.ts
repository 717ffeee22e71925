import { existsSync, writeFileSync } from 'node:fs'
import { CliError } from '../failure.ts'
import { packageTypeOf } from '../package-type.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** The first config: watches, pages, and only says what it would change. */
function configFor(app: string): string {
  return `import { createFly, flyHealth, flyProbe, flyTarget } from '@firebreak/fly'
import { pagerdutyNotifier } from '@firebreak/notify/pagerduty'
import { standardRunbook } from '@firebreak/responder'
import { standardAutomation } from '@firebreak/rollback'
import { defineConfig } from 'firebreak'

const app = createFly().app('${app}')
const manager = pagerdutyNotifier({ routingKey: process.env.PAGERDUTY_ROUTING_KEY })

export default defineConfig({
  probes: [flyProbe(app)],
  parts: standardRunbook({
    target: flyTarget(app),
    health: flyHealth(app),
    people: { manager, engineer: manager },
    feedback: 'feedback',
    postmortems: 'post-mortems',
    // 'shadow' says what it would do and changes nothing. When you trust it: mode: 'auto'
    automation: { ...standardAutomation, mode: 'shadow' },
  }),
})
`
}

/** `npm init -y` says "type": "commonjs", and Node would take a `.ts` for that: an `.mts` is a module anywhere. */
function usualFile(): string {
  return packageTypeOf('.') === 'commonjs' ? 'firebreak.config.mts' : 'firebreak.config.ts'
}

export function init(app: string, given: string | undefined, terminal: Terminal): number {
  const file = given ?? usualFile()
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(app))
    throw new CliError('CONFIG_INVALID', `${app} is no name of a Fly app: small letters, digits and dashes`)
  if (existsSync(file)) throw new CliError('CONFIG_INVALID', `${file} exists already: it was left as it is`)
  try {
    writeFileSync(file, configFor(app), { flag: 'wx' })
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new CliError('CONFIG_INVALID', `cannot write ${file} (${why}): name a file in a folder that is there`)
  }
  terminal.line(`wrote ${file}: it watches and pages, and changes nothing until you say mode: 'auto'`)
  terminal.line(`run it: firebreak serve --config ${file}`)
  return 0
}
