import { InvalidInput, type Signal } from '@firebreak/core'

/**
 * What a signal must be to be filed at all. Its figures are judged where they are read; but one of no service, or of another
 * shape, would be in everybody's way. Cheap: every signal passes here.
 */
export function checkSignals(signals: readonly Signal[]): void {
  for (const [index, signal] of signals.entries()) {
    const at = signals.length === 1 ? 'signal' : `signals[${index}]`
    if (typeof signal !== 'object' || signal === null)
      throw new InvalidInput(at, 'is no object: make one with parseSignal of @firebreak/core/schemas')
    const { service, status } = signal
    checkText(signal.id, `${at}.id`)
    checkText(signal.key, `${at}.key`)
    checkText(service, `${at}.service`)
    if (service.includes('/') || service === '*')
      throw new InvalidInput(`${at}.service`, 'must be the name of one service, without /')
    if (status !== 'firing' && status !== 'resolved')
      throw new InvalidInput(`${at}.status`, 'must be firing or resolved')
    if (Number.isNaN(Date.parse(signal.at)))
      throw new InvalidInput(`${at}.at`, 'is no time: write 2026-11-23T02:00:00Z')
    for (const name of ['symptoms', 'links'] as const)
      if (!Array.isArray(signal[name])) throw new InvalidInput(`${at}.${name}`, 'is not a list')
    if (typeof signal.labels !== 'object' || signal.labels === null)
      throw new InvalidInput(`${at}.labels`, 'is not an object')
  }
}

function checkText(value: unknown, field: string): void {
  if (typeof value !== 'string' || value === '') throw new InvalidInput(field, 'is missing: give a text')
}
