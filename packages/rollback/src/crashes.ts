import type { Incident, Symptom } from '@firebreak/core'

type Crash = Extract<Symptom, { kind: 'crash' }>

/** Crashes that were measured, that fire, and that name their machine. */
function measuredCrashes({ signals }: Readonly<Incident>): readonly { readonly unit: string; readonly crash: Crash }[] {
  return [...signals.values()].flatMap(({ signal: { status, measured, symptoms, labels } }) => {
    const unit = labels['machine'] ?? labels['unit'] ?? labels['instance']
    if (status !== 'firing' || !measured || unit === undefined) return []
    return symptoms.filter((symptom): symptom is Crash => symptom.kind === 'crash').map((crash) => ({ unit, crash }))
  })
}

export function crashedUnits(incident: Readonly<Incident>): readonly string[] {
  return Array.from(new Set(measuredCrashes(incident).map(({ unit }) => unit)))
}

/** How often this unit has run out of memory lately. */
export function timesOutOfMemory(incident: Readonly<Incident>, id: string): number {
  const own = measuredCrashes(incident).filter(({ unit }) => unit === id)
  return Math.max(0, ...own.map(({ crash: { oom, count } }) => (oom ? count : 0)))
}
