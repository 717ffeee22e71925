import {
  createId,
  InvalidInput,
  type Clock,
  type Journal,
  type JournalEntry,
  type JsonObject,
  type Random,
} from '@firebreak/core'
import { JournalError } from './errors.ts'
import type { RollbackPlan } from './plan.ts'

/** What a run of a rollback remembers across a crash, by key within `rollback/v<n>`. */
export interface RunMemory {
  /** The plan of the run that goes on: after a crash the recorded one, never a newer one. */
  readonly plan: RollbackPlan
  /** The same in every life of this run; part of every idempotency key. */
  readonly run: string
  readonly resumed: boolean
  readonly startedAt: string
  intent(key: string): JsonObject | undefined
  outcome(key: string): JsonObject | undefined
  /** Writes the plan down: from now on there is something to go on with. */
  begin(): Promise<void>
  /** Durable when it resolves. */
  write(kind: JournalEntry['kind'], key: string, data: object): Promise<void>
}

/**
 * Reads the journal and finds the unfinished run of this plan, or prepares one. A finished run is history. An unfinished run
 * of another plan or service is refused: two half rollbacks must not be mixed.
 */
export async function openRun(journal: Journal, plan: RollbackPlan, clock: Clock, random: Random): Promise<RunMemory> {
  let open: { entry: JournalEntry; facts: Map<string, JsonObject> } | undefined
  for await (const entry of journal.read()) {
    if (entry.kind === 'plan') open = { entry, facts: new Map() }
    else if (entry.kind === 'outcome' && entry.key.endsWith('/finish')) open = undefined
    else open?.facts.set(`${entry.kind} ${entry.key}`, entry.data)
  }
  const recorded = open === undefined ? undefined : readPlan(open.entry)
  if (recorded !== undefined && (recorded.plan.service !== plan.service || recorded.plan.digest !== plan.digest))
    throw new JournalError(
      'JOURNAL_MISMATCH',
      `the journal holds an unfinished rollback of ${recorded.plan.service} (plan ${recorded.plan.id}), not ${plan.service} (plan ${plan.id}): give each service and plan a journal of its own, or move the old one away`,
    )
  const facts = open?.facts ?? new Map<string, JsonObject>()
  const prefix = `rollback/v${plan.from.version}`
  const run = recorded?.run ?? createId(clock, random)
  async function write(kind: JournalEntry['kind'], key: string, data: object) {
    const entry = { kind, key: `${prefix}/${key}`, at: new Date(clock.now()).toISOString(), data: data as JsonObject }
    await journal.append(entry)
    facts.set(`${kind} ${entry.key}`, entry.data)
  }
  const startedAt = open?.entry.at ?? new Date(clock.now()).toISOString()
  return {
    plan: recorded?.plan ?? plan,
    run,
    resumed: recorded !== undefined,
    startedAt,
    intent: (key) => facts.get(`intent ${prefix}/${key}`),
    outcome: (key) => facts.get(`outcome ${prefix}/${key}`),
    begin: async () => (recorded === undefined ? write('plan', 'plan', { run, plan }) : undefined),
    write,
  }
}

function readPlan(entry: JournalEntry): { run: string; plan: RollbackPlan } {
  const { run, plan } = entry.data as { run?: unknown; plan?: Partial<RollbackPlan> }
  if (
    typeof run !== 'string' ||
    typeof plan?.service !== 'string' ||
    typeof plan.digest !== 'string' ||
    !Array.isArray(plan.units)
  )
    throw new JournalError(
      'JOURNAL_CORRUPT',
      `the journal's entry of ${entry.at} holds no plan: move the file away, then look at the machines before going on`,
    )
  return { run, plan: plan as RollbackPlan }
}

/** A plan that was changed by hand, or belongs elsewhere, is not executed. */
export function checkPlan(plan: RollbackPlan, service: string): void {
  if (plan.service !== service) throw new InvalidInput('plan', `is for ${plan.service}, and the target is ${service}`)
  if (plan.id !== plan.digest.slice(0, 6) || plan.units.length === 0)
    throw new InvalidInput('plan', 'is not what planRollback returned: plan again')
}
