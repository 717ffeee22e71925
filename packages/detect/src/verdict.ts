import type { Probe, Signal, Symptom } from '@firebreak/core'
import { wholeIn } from './numbers.ts'
import { createObserver } from './observer.ts'
import { defaultConfirm, type FactProbeOptions } from './probe-options.ts'
import { checkSymptom } from './symptom-check.ts'

/** What one look found. Could not look at all is neither: then the look rejects. */
export interface Verdict {
  readonly ok: boolean
  /** One sentence with the figure in it. */
  readonly summary: string
}

/**
 * Counts consecutive failures and turns verdicts into signals: well is `resolved` each time (also for a key that an earlier
 * process reported firing), ill is silent until confirmed, then `firing` each time.
 */
export function createVerdicts(source: string, name: string, options: FactProbeOptions) {
  const means: Symptom = checkSymptom(options.means ?? { kind: 'outage', extent: 'complete' }, 'means')
  const confirm = wholeIn(options.confirm ?? defaultConfirm, 'confirm', 1, 1_000)
  const observed = createObserver(source, name, options)
  let failures = 0
  return function judge({ ok, summary }: Verdict): readonly Signal[] {
    failures = ok ? 0 : failures + 1
    if (ok) return [observed({ status: 'resolved', summary, symptoms: [] })]
    if (failures < confirm) return []
    const times = failures === 1 ? '' : `, ${failures} times in a row`
    return [observed({ status: 'firing', summary: `${summary}${times}`, symptoms: [means] })]
  }
}

/** A probe from one look: the shape that tcp, command and most own probes share. */
export function factProbe(
  source: string,
  name: string,
  options: FactProbeOptions,
  look: (signal: AbortSignal) => Promise<Verdict>,
): Probe & { readonly service: string } {
  const judge = createVerdicts(source, name, options)
  return {
    name,
    service: options.service,
    observe: async ({ signal }) => judge(await look(signal)),
  }
}
