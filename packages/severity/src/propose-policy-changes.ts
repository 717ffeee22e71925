import {
  compareSeverity,
  describeReason,
  formatNumber,
  InvalidInput,
  severities,
  type Reason,
  type Severity,
  type Symptom,
} from '@firebreak/core'
import { factOf } from './document/facts.ts'
import { bandsOf } from './document/rows.ts'
import { judgeIncident, type PastIncident } from './past-incident.ts'
import type { SeverityPolicy } from './policy.ts'
import { bandRuleOf, type Candidate, factNameOf, moveEntry, moveFact } from './proposals.ts'
import { roundBeyond } from './round-beyond.ts'
import { standardPolicy } from './standard-policy.ts'

/** A change that would have judged past incidents as people did. Data to decide on; nothing applies it. */
export interface PolicyProposal extends Candidate {
  /** One sentence with the counts. */
  readonly why: string
  /** Incidents that would then be judged as people judged them. */
  readonly settles: readonly string[]
  /** Incidents that people spoke about and that the changed rule decided, settled ones included: the sample. */
  readonly sample: number
  /** Fewer than 3 settled incidents are an anecdote, fewer than 10 a hint. */
  readonly strength: 'anecdote' | 'hint' | 'pattern'
}

export interface PolicyReview {
  readonly incidents: number
  /** Of these, with a level that people agreed on. */
  readonly spoken: number
  /** Of these, judged so by the policy. */
  readonly agreeing: number
  readonly disagreeing: readonly {
    readonly id: string
    readonly judged: Severity | null
    readonly agreed: Severity | null
    readonly why: string
  }[]
  /** Most settled incidents first. */
  readonly proposals: readonly PolicyProposal[]
  /** What the numbers do not show. */
  readonly caveats: readonly string[]
}

interface Case {
  readonly incident: PastIncident
  readonly agreed: Severity | null
  readonly judged: Severity | null
  readonly reasons: readonly Reason[]
}

/**
 * Compares what a policy says about past incidents with what people said afterwards (`agreed`), and proposes single changes
 * that settle a disagreement without causing another. Proposes, never applies; says how few incidents it rests on.
 */
export function proposePolicyChanges(
  incidents: Iterable<PastIncident>,
  policy: SeverityPolicy = standardPolicy,
): PolicyReview {
  const list = [...incidents]
  const cases: Case[] = []
  const caveats: string[] = []
  for (const incident of list) {
    const { agreed } = incident
    if (agreed === undefined) continue
    try {
      const { severity, reasons } = judgeIncident(incident, policy)
      cases.push({ incident, agreed, judged: severity, reasons })
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error
      caveats.push(`${incident.id} was left out: ${error.message}`)
    }
  }
  const disagreeing = cases.filter(({ judged, agreed }) => judged !== agreed)
  const proposals = Array.from(candidates(disagreeing, policy))
    .flatMap((candidate) => weigh(candidate, cases))
    .sort((left, right) => right.settles.length - left.settles.length || (left.path < right.path ? -1 : 1))
  return {
    incidents: list.length,
    spoken: cases.length,
    agreeing: cases.length - disagreeing.length,
    disagreeing: disagreeing.map(({ incident, judged, agreed, reasons }) => ({
      id: incident.id,
      judged,
      agreed,
      why: reasons.map(describeReason).join('; ') || 'no rule gives it a level',
    })),
    proposals: bestOfEach(proposals),
    caveats: [...caveats, ...sampleCaveats(list.length, cases.length, disagreeing.length)],
  }
}

/** Single changes that could matter to a disagreement, each once. */
function candidates(cases: readonly Case[], policy: SeverityPolicy): Iterable<Candidate> {
  const found = new Map<string, Candidate>()
  const add = (candidate: Candidate | undefined) => {
    if (candidate !== undefined) found.set(`${candidate.path} ${candidate.to}`, candidate)
  }
  for (const { agreed, reasons, incident } of cases) {
    for (const reason of reasons) {
      const fact = factNameOf(reason)
      if (fact !== undefined && agreed !== null) add(moveFact(policy, fact, factOf(policy, fact), agreed))
    }
    for (const figure of figuresOf(incident, reasons))
      for (const candidate of entryMoves(figure, policy)) add(candidate)
  }
  return found.values()
}

interface Figure {
  readonly rule: NonNullable<ReturnType<typeof bandRuleOf>>
  readonly value: number
}

/** Lets a figure into a level that it just misses, or keeps it out of one that it just reaches. */
function entryMoves({ rule, value }: Figure, policy: SeverityPolicy): readonly Candidate[] {
  return bandsOf(policy, rule).flatMap(({ level, above, from }) => {
    const inside = above === undefined ? value >= (from ?? 0) : value > above
    const to = inside ? roundBeyond(value, 'up', above === undefined) : roundBeyond(value, 'down', above !== undefined)
    return to === undefined ? [] : (moveEntry(policy, rule, level, to) ?? [])
  })
}

function figuresOf({ symptoms = [], signals = [] }: PastIncident, reasons: readonly Reason[]): readonly Figure[] {
  const decided = reasons.flatMap((reason): Figure[] => {
    const rule = bandRuleOf(reason)
    return rule === undefined || typeof reason.observed !== 'number' ? [] : [{ rule, value: reason.observed }]
  })
  const seen = [...symptoms, ...signals.flatMap((signal) => signal.symptoms)].flatMap(figureOf)
  return [...decided, ...seen]
}

function figureOf(symptom: Symptom): readonly Figure[] {
  if (symptom.kind === 'errorRate') return [{ rule: 'errorRate', value: symptom.ratio }]
  if (symptom.kind === 'latency' && symptom.baselineMs > 0)
    return [{ rule: 'latency', value: symptom.ms / symptom.baselineMs }]
  return symptom.kind === 'capacity' ? [{ rule: symptom.resource, value: symptom.used }] : []
}

/** What a change settles; nothing when it settles nothing, or turns an agreement into a disagreement. */
function weigh(candidate: Candidate, cases: readonly Case[]): readonly PolicyProposal[] {
  const settles: string[] = []
  let sample = 0
  const rule = candidate.path.split('.')[0]
  for (const { incident, agreed, judged, reasons } of cases) {
    const after = judgeIncident(incident, candidate.policy).severity
    if (Math.abs(compareSeverity(after, agreed)) > Math.abs(compareSeverity(judged, agreed))) return []
    if (after === agreed && judged !== agreed) settles.push(incident.id)
    if (judged !== after || reasons.some((reason) => reason.rule === rule)) sample += 1
  }
  if (settles.length === 0) return []
  const strength = settles.length < 3 ? 'anecdote' : settles.length < 10 ? 'hint' : 'pattern'
  const why = `${candidate.path} from ${show(candidate.from)} to ${show(candidate.to)} settles ${settles.length} of ${sample} incidents that it decides, and changes none that was judged right`
  return [{ ...candidate, why, settles, sample, strength }]
}

function show(value: number | Severity): string {
  return typeof value === 'number' ? formatNumber(value) : value
}

/** Of several figures for the same bound, the one that settles most, then the one that moves least. */
function bestOfEach(proposals: readonly PolicyProposal[]): readonly PolicyProposal[] {
  const best = new Map<string, PolicyProposal>()
  for (const proposal of proposals) {
    const known = best.get(proposal.path)
    if (
      known === undefined ||
      (known.settles.length === proposal.settles.length && distance(proposal) < distance(known))
    )
      best.set(proposal.path, proposal)
  }
  return [...best.values()]
}

function distance({ from, to }: Candidate): number {
  if (typeof from === 'number' && typeof to === 'number') return Math.abs(to - from)
  return Math.abs(severities.findIndex((level) => level === to) - severities.findIndex((level) => level === from))
}

function sampleCaveats(incidents: number, spoken: number, disagreeing: number): readonly string[] {
  const caveats: string[] = []
  if (spoken < incidents)
    caveats.push(`nobody said a level for ${incidents - spoken} of ${incidents} incidents; they count for nothing here`)
  if (spoken < 30) caveats.push(`${spoken} judged incidents are few: a change that fits them may fit only them`)
  if (disagreeing > 0) caveats.push('what never became an incident is not in this sample: missed trouble does not show')
  return caveats
}
