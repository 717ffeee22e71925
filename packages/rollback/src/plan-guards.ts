import { activeHold, type Release, type ServiceRecord, type Unit, oneLine } from '@firebreak/core'
import type { Automation } from './automation.ts'
import { budgetGuard } from './budget.ts'
import { span } from './plain-text.ts'
import type { ImageBook } from './images.ts'
import type { Guard, GuardName } from './plan.ts'
import { isRollback, leftByRollback, liveAt } from './release-history.ts'

export interface GuardFacts {
  readonly by: 'person' | 'automation'
  readonly releases: readonly Release[]
  readonly units: readonly Unit[]
  readonly from: Release
  readonly to: Release
  readonly proven: boolean
  readonly evidence: readonly string[]
  readonly quarantined: boolean
  readonly floor: Readonly<Record<string, number>>
  readonly record?: Readonly<ServiceRecord> | undefined
  readonly automation: Automation
  readonly neverBelow?: number | undefined
  readonly book: ImageBook
  readonly now: number
}

const declaredSafe = new Set(['none', 'backward-compatible'])

/** Every condition of a write that the plan can see. What only warns a person stops automation. */
export function planGuards(facts: GuardFacts): readonly Guard[] {
  const guard = (
    name: GuardName,
    fine: boolean,
    observed: string,
    needed: string,
    person: 'warn' | 'no' = 'warn',
  ): Guard => ({
    guard: name,
    verdict: fine ? 'ok' : facts.by === 'automation' ? 'no' : person,
    observed,
    needed,
  })
  const { from, to, record, now, neverBelow, units } = facts
  const newer = newerThan(from, facts)
  const undone = facts.releases.filter(
    (release) => release.version > to.version && (release.version <= from.version || newer.includes(release)),
  )
  const migrating = undone.find(mayHaveMigrated)
  const security = undone.find(({ labels }) => labels['firebreak.security'] === 'true')
  const locked = units.find(({ lockedBy }) => lockedBy !== undefined && Date.parse(lockedBy.expiresAt) > now)
  const hold = record === undefined ? undefined : activeHold(record, now)
  const left = leftByRollback(to, facts.releases, facts.book)
  const stranded = units.filter(({ untouchable, state }) => untouchable !== undefined && state !== 'gone')
  const secrets = undone.concat(to).filter((release) => isSecretsRelease(release, facts))
  return [
    guard('target', facts.proven, facts.evidence.join('; '), 'an image proven good'),
    ...(newer[0] === undefined
      ? []
      : [guard('newer', false, `v${newer[0].version} has been shipped since`, `v${from.version} to be the newest`)]),
    guard(
      'quarantine',
      !facts.quarantined,
      facts.quarantined ? 'the image is quarantined' : 'not quarantined',
      'not quarantined',
    ),
    guard(
      'migration',
      migrating === undefined,
      describeMigration(migrating, from),
      'no release_command, or one declared harmless',
    ),
    guard(
      'security',
      security === undefined,
      security === undefined
        ? 'no security release is undone'
        : `v${security.version} is labelled firebreak.security=true`,
      'no security release undone',
    ),
    guard(
      'lease',
      locked === undefined,
      locked === undefined
        ? `free on ${units.length} of ${units.length} units`
        : `${oneLine(locked.id, 40)} is held by ${oneLine(locked.lockedBy?.holder ?? '', 80)} until ${locked.lockedBy?.expiresAt ?? ''}`,
      'nobody else deploys; a lease is never taken away',
      'no',
    ),
    guard(
      'floor',
      true,
      `${Object.values(facts.floor).reduce((sum, count) => sum + count, 0)} of ${units.length} units go on serving meanwhile`,
      'the floor is kept at every step',
    ),
    guard(
      'hold',
      hold === undefined,
      hold === undefined ? 'none' : `${oneLine(hold.reason)} (by ${oneLine(hold.by, 60)})`,
      'no hold',
    ),
    guard(
      'flap',
      left === undefined || now - liveAt(left) > facts.automation.flapMs,
      left === undefined
        ? `no rollback left v${to.version}`
        : `rollback v${left.version} left this image at ${new Date(liveAt(left)).toISOString()}`,
      `never A, B, A within ${span(facts.automation.flapMs)}`,
    ),
    ...(record === undefined || facts.by === 'person' ? [] : [budgetGuard({ service: record }, facts.automation, now)]),
    ...(neverBelow === undefined
      ? []
      : [guard('neverBelow', to.version >= neverBelow, `v${to.version}`, `v${neverBelow} or newer`, 'no')]),
    ...(secrets.length === 0
      ? []
      : [
          {
            guard: 'secrets' as const,
            verdict: 'warn' as const,
            observed: `${secrets.map(({ version }) => `v${version}`).join(', ')} changed secrets or settings only; they stay as they are today`,
            needed: '',
          },
        ]),
    ...(stranded.length === 0
      ? []
      : [
          {
            guard: 'units' as const,
            verdict: 'warn' as const,
            observed: stranded
              .map(({ id, untouchable = '' }) => `${oneLine(id, 40)} is left alone: ${oneLine(untouchable, 80)}`)
              .join('; '),
            needed: '',
          },
        ]),
  ]
}

/** What somebody has shipped since the release that is left, of another image: it would be undone with it, a cure perhaps. */
function newerThan({ version, image, digest }: Release, { releases, to, book }: GuardFacts): readonly Release[] {
  return releases.filter(
    (release) =>
      release.version > version &&
      release.status !== 'pending' &&
      !isRollback(release) &&
      !book.same(release, { image, digest }) &&
      !book.same(release, to),
  )
}

/** Unknown is "may have": acting fails closed. */
function mayHaveMigrated(release: Release): boolean {
  if (isRollback(release) || declaredSafe.has(release.labels['firebreak.migration'] ?? '')) return false
  return release.labels['firebreak.migration'] !== undefined || release.hasReleaseCommand !== false
}

function describeMigration(release: Release | undefined, from: Release): string {
  if (release === undefined) return `v${from.version} has no release_command, or declares it harmless`
  const declared = release.labels['firebreak.migration']
  if (declared !== undefined) return `v${release.version} declares firebreak.migration=${oneLine(declared, 40)}`
  return release.hasReleaseCommand === true
    ? `v${release.version} has a release_command and declares nothing`
    : `whether v${release.version} has a release_command is not known`
}

/** The same image as the release before it: it changed secrets or settings, which an image cannot undo. */
function isSecretsRelease(release: Release, { releases, book }: GuardFacts): boolean {
  if (isRollback(release)) return false
  const before = releases.find(({ version, status }) => version < release.version && status === 'complete')
  return before !== undefined && book.same(before, release)
}
