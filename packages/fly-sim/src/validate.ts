import { InvalidInput } from '@firebreak/core'
import type { Behaviour, AnswersByPath } from './behaviour.ts'
import { holdingFaults, strikingFaults } from './faults/fault.ts'
import type { Fault } from './faults/fault.ts'
import type { FlySimOptions } from './options.ts'
import { appName } from './world/create-app.ts'

const kinds: ReadonlySet<string> = new Set([...strikingFaults, ...holdingFaults])

/** Refuses what cannot be simulated before anything is made of it. */
export function validate(options: FlySimOptions): void {
  if (!Array.isArray(options.apps))
    throw new InvalidInput('apps', 'must be a list of apps, for example [{ name: "shop", machines: 3 }]')
  const names = new Set<string>()
  for (const [index, app] of options.apps.entries()) {
    const field = `apps[${index}]`
    if (!appName.test(app.name))
      throw new InvalidInput(`${field}.name`, 'must be lowercase letters, digits and dashes, at most 63')
    if (names.has(app.name)) throw new InvalidInput(`${field}.name`, `${app.name} is there twice`)
    names.add(app.name)
    atLeast(`${field}.requestsPerSecond`, app.requestsPerSecond, 0)
    if (typeof app.machines === 'number' && !(Number.isInteger(app.machines) && app.machines >= 0))
      throw new InvalidInput(`${field}.machines`, 'must be a whole number of 0 or more, or a list')
  }
  for (const [index, { ref, behaviour }] of (options.images ?? []).entries()) {
    if (typeof ref !== 'string' || ref === '') throw new InvalidInput(`images[${index}].ref`, 'is required')
    if (behaviour !== undefined) validateBehaviour(`images[${index}].behaviour`, behaviour)
  }
  for (const [index, fault] of (options.faults ?? []).entries()) validateFault(`faults[${index}]`, fault)
  atLeast('scrapeEveryMs', options.scrapeEveryMs, 1)
  atLeast('historyMs', options.historyMs, 0)
  for (const [name, value] of Object.entries(options.timing ?? {})) atLeast(`timing.${name}`, value, 0)
}

export function validateFault(field: string, fault: Fault): void {
  if (!kinds.has(fault.kind)) throw new InvalidInput(`${field}.kind`, `must be one of ${[...kinds].join(', ')}`)
  ratio(`${field}.probability`, fault.probability)
  for (const name of ['fromMs', 'untilMs', 'skip', 'times'] as const) atLeast(`${field}.${name}`, fault[name], 0)
}

export function validateBehaviour(field: string, behaviour: Behaviour): void {
  validateAnswers(field, behaviour)
  atLeast(`${field}.startMs`, behaviour.startMs, 0)
  atLeast(`${field}.exit.afterMs`, behaviour.exit?.afterMs, 0)
  const { phasesSince = 'start' } = behaviour
  if (phasesSince !== 'start' && phasesSince !== 'release')
    throw new InvalidInput(`${field}.phasesSince`, "must be 'start' or 'release'")
  for (const [index, phase] of (behaviour.phases ?? []).entries()) {
    validateAnswers(`${field}.phases[${index}]`, phase)
    atLeast(`${field}.phases[${index}].fromMs`, phase.fromMs, 0)
  }
}

function validateAnswers(field: string, { errorRatio, status, paths }: AnswersByPath): void {
  ratio(`${field}.errorRatio`, errorRatio)
  if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599))
    throw new InvalidInput(`${field}.status`, 'must be an HTTP status from 200 to 599')
  for (const [path, answers] of Object.entries(paths ?? {}))
    ratio(`${field}.paths[${path}].errorRatio`, answers.errorRatio)
}

function ratio(field: string, value: number | undefined): void {
  if (value !== undefined && !(value >= 0 && value <= 1)) throw new InvalidInput(field, 'must lie between 0 and 1')
}

function atLeast(field: string, value: number | undefined, least: number): void {
  if (value !== undefined && !(value >= least)) throw new InvalidInput(field, `must be a number of ${least} or more`)
}
