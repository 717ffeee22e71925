import type { Probe, Signal, Symptom } from '@firebreak/core'
import { flapDetector } from './flap-detector.ts'
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

/** A check that fails now and then never fails twice in a row; that it does so is a fact of its own. */
const intermittent: Symptom = { kind: 'checks', passing: 1, total: 1, intermittent: true }

/** As many as the flap detector looks back over. */
const enoughLooks = 21

/**
 * Counts consecutive failures and turns verdicts into signals: well is `resolved` each time (also for a key that an earlier
 * process reported firing), ill is silent until confirmed, then `firing` each time. A probe that means an outage or checks
 * tells under `<name>/intermittent` while it keeps changing between the two.
 */
export function createVerdicts(source: string, name: string, options: FactProbeOptions) {
  const means: Symptom = checkSymptom(options.means ?? { kind: 'outage', extent: 'complete' }, 'means')
  const confirm = wholeIn(options.confirm ?? defaultConfirm, 'confirm', 1, 1_000)
  const observed = createObserver(source, name, options)
  const changes = means.kind === 'outage' || means.kind === 'checks' ? flapDetector() : undefined
  let failures = 0
  let looks = 0

  function judge({ ok, summary }: Verdict): Signal[] {
    failures = ok ? 0 : failures + 1
    if (ok) return [observed({ status: 'resolved', summary, symptoms: [] })]
    if (failures < confirm) return []
    const times = failures === 1 ? '' : `, ${failures} times in a row`
    return [observed({ status: 'firing', summary: `${summary}${times}`, symptoms: [means] })]
  }
  function judgeChanges({ ok, summary }: Verdict): Signal[] {
    const verdict = changes?.observe(ok ? 'well' : 'ill')
    if (verdict === undefined) return []
    looks += 1
    if (verdict.flapping) {
      const said = `${name} fails now and then (${Math.round(verdict.score)} % of the last looks changed); now: ${summary}`
      return [observed({ aspect: 'intermittent', status: 'firing', summary: said, symptoms: [intermittent] })]
    }
    // Also when enough has been seen to say so for the first time: an earlier process may have told otherwise.
    if (verdict.changed === undefined && looks !== enoughLooks) return []
    return [observed({ aspect: 'intermittent', status: 'resolved', summary, symptoms: [] })]
  }
  return (verdict: Verdict): readonly Signal[] => [...judge(verdict), ...judgeChanges(verdict)]
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
