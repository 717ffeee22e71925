import { InvalidInput, type Signal } from '@firebreak/core'

/**
 * What a signal must be to be filed at all. Its figures are judged where they are read; but one of no service, or of another
 * shape, would be in everybody's way. Cheap: every signal passes here.
 */
export function checkSignals(signals: readonly Signal[]): void {
  for (let index = 0; index < signals.length; index += 1) {
    const problem = problemOf(signals[index])
    if (problem === undefined) continue
    const [field, what] = problem
    const at = signals.length === 1 ? 'signal' : `signals[${index}]`
    throw new InvalidInput(field === '' ? at : `${at}.${field}`, what)
  }
}

type Problem = readonly [field: string, what: string]

function problemOf(signal: Signal | undefined): Problem | undefined {
  if (typeof signal !== 'object' || signal === null)
    return ['', 'is no object: make one with parseSignal of @firebreak/core/schemas']
  const { id, key, service, status, at, symptoms, links, labels } = signal
  if (!isText(id)) return ['id', missing]
  if (!isText(key)) return ['key', missing]
  if (!isText(service)) return ['service', missing]
  if (service.includes('/') || service === '*') return ['service', 'must be the name of one service, without /']
  if (status !== 'firing' && status !== 'resolved') return ['status', 'must be firing or resolved']
  if (Number.isNaN(Date.parse(at))) return ['at', 'is no time: write 2026-11-23T02:00:00Z']
  if (!Array.isArray(symptoms)) return ['symptoms', 'is not a list']
  if (!Array.isArray(links)) return ['links', 'is not a list']
  if (typeof labels !== 'object' || labels === null) return ['labels', 'is not an object']
  return undefined
}

const missing = 'is missing: give a text'

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
