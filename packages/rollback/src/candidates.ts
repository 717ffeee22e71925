import { oneLine, type Release, type ServiceRecord } from '@firebreak/core'
import type { ProofNumbers } from './automation.ts'
import { gatherEvidence, judgeEvidence, type PastIncident, type ProbeHistory } from './candidate-evidence.ts'
import type { HealthSource } from '@firebreak/core'
import type { ImageBook } from './images.ts'
import type { Candidate, CandidateVerdict } from './plan.ts'
import { isRollback, latestSpan, leftByRollback, liveAt, newestFirst } from './release-history.ts'

/** What the search for the last good image needs to know. */
export interface CandidateSearch {
  readonly releases: readonly Release[]
  readonly leaving: Release
  readonly book: ImageBook
  readonly record?: Readonly<ServiceRecord> | undefined
  readonly neverBelow?: number | undefined
  readonly proof: ProofNumbers
  readonly health?: HealthSource | undefined
  readonly probes?: ProbeHistory | undefined
  readonly incidents?: readonly PastIncident[] | undefined
  /** Is the image there? `undefined`: the registry did not say. */
  readonly available: (release: Release) => Promise<boolean | undefined>
  readonly now: number
  readonly signal: AbortSignal
}

export interface CandidateFound {
  readonly candidates: readonly Candidate[]
  readonly chosen?: { readonly release: Release; readonly proven: boolean; readonly evidence: readonly string[] }
}

interface Judged {
  readonly release: Release
  verdict: CandidateVerdict
  reason: string
  evidence?: readonly string[]
}

/** Why a release is out before anybody asks for its image or its figures; `undefined`: it is in. */
export function ruledOut(release: Release, search: CandidateSearch): string | undefined {
  const { releases, leaving, book, record, neverBelow } = search
  if (release.status !== 'complete') return `status is ${oneLine(release.status, 30)}, not complete`
  const quarantined = quarantineOf(release, record, book)
  if (quarantined !== undefined) return `quarantined: ${oneLine(quarantined.reason, 120)}`
  const rollback = leftByRollback(release, releases, book)
  if (rollback !== undefined) return `rollback v${rollback.version} left this image`
  if (neverBelow !== undefined && release.version < neverBelow) return `below v${neverBelow}, the lowest allowed`
  if (release.version > leaving.version)
    return isRollback(release)
      ? `recorded by a rollback of v${leaving.version}`
      : `newer than v${leaving.version}, which is left`
  return undefined
}

/** Whether it is a quarantined image cannot be told: one digest is not known. */
function mayBeQuarantined(release: Release, { record, book }: CandidateSearch): boolean {
  return record?.quarantined.some((bad) => book.compare(bad, release) === 'unknown') === true
}

/** The quarantine that covers an image: by digest under whatever tag, by reference where no digest is known. */
export function quarantineOf(
  release: { readonly image: string; readonly digest?: string | undefined },
  record: Readonly<ServiceRecord> | undefined,
  book: ImageBook,
): ServiceRecord['quarantined'][number] | undefined {
  return record?.quarantined.find((bad) => book.compare(bad, release) === 'same')
}

/** The last good image, and of every release why it was or was not taken. A proven one goes before a newer unproven one. */
export async function findLastGood(search: CandidateSearch): Promise<CandidateFound> {
  const { leaving, book, proof } = search
  const releases = newestFirst(search.releases)
  const judged: Judged[] = []
  const images: Judged[] = []
  for (const release of releases) {
    const entry: Judged = { release, verdict: 'spare', reason: '' }
    judged.push(entry)
    const out = ruledOut(release, search)
    const twin = images.find((other) => book.same(other.release, release))
    if (book.same(release, leaving))
      Object.assign(entry, { verdict: 'leaving', reason: leavingReason(release, leaving) })
    else if (out !== undefined) Object.assign(entry, { verdict: 'no', reason: out })
    else if (twin !== undefined)
      Object.assign(entry, { verdict: 'same', reason: `same image as v${twin.release.version}` })
    else if (images.length >= proof.maxImages)
      Object.assign(entry, { verdict: 'no', reason: `more than ${proof.maxImages} images back: name it to go there` })
    else images.push(entry)
  }
  const open = await pullable(images, search)
  const chosen = await choose(open, search)
  return {
    candidates: judged.map(({ release, verdict, reason }) => candidate(release, verdict, reason, book)),
    ...(chosen === undefined
      ? {}
      : {
          chosen: {
            release: chosen.release,
            proven: chosen.verdict === 'yes' && chosen.proven,
            evidence: chosen.evidence ?? [],
          },
        }),
  }
}

async function pullable(images: readonly Judged[], search: CandidateSearch): Promise<readonly Judged[]> {
  const answers = await Promise.all(images.map(async ({ release }) => search.available(release)))
  for (const [index, entry] of images.entries()) {
    if (answers[index] === false) Object.assign(entry, { verdict: 'no', reason: 'image is gone from the registry' })
    if (answers[index] === undefined)
      Object.assign(entry, { verdict: 'unproven', reason: 'the registry did not say whether the image is there' })
  }
  return images.filter(({ verdict }) => verdict !== 'no')
}

async function choose(
  open: readonly Judged[],
  search: CandidateSearch,
): Promise<(Judged & { proven: boolean }) | undefined> {
  for (const entry of open) {
    const { verdict, reasons } = await weigh(entry.release, search)
    entry.evidence = reasons
    if (verdict === 'bad') Object.assign(entry, { verdict: 'no', reason: reasons.join('; ') })
    else if (verdict === 'unproven' || entry.verdict === 'unproven') {
      const all = [...(entry.reason === '' ? [] : [entry.reason]), ...(verdict === 'unproven' ? reasons : [])]
      Object.assign(entry, { verdict: 'unproven', reason: all.join('; '), evidence: all })
    } else {
      Object.assign(entry, { verdict: 'yes', reason: ['complete', 'image present', ...reasons].join('; ') })
      break
    }
  }
  const proven = open.find(({ verdict }) => verdict === 'yes')
  const taken = proven ?? open.find(({ verdict }) => verdict === 'unproven')
  if (taken === undefined) return undefined
  for (const entry of open)
    if (entry !== taken && entry.verdict === 'spare') entry.reason = `older than v${taken.release.version}`
  if (taken !== proven) taken.reason = `unproven: ${taken.reason}`
  taken.verdict = 'yes'
  return Object.assign(taken, { proven: taken === proven })
}

/** What is known of one release's image while it was live, judged. */
export async function weigh(release: Release, search: CandidateSearch): Promise<ReturnType<typeof judgeEvidence>> {
  const { releases, leaving, book, now, proof } = search
  // What came after the one that is left is this rollback's own doing: it says nothing about the time before.
  const before = releases.filter(({ version }) => version <= leaving.version)
  const live = latestSpan(release, before, book, now)
  const evidence = live === undefined ? undefined : await gatherEvidence(live, search)
  const judged = judgeEvidence(release, evidence, proof, now)
  if (judged.verdict !== 'proven' || !mayBeQuarantined(release, search)) return judged
  return { verdict: 'unproven', reasons: ['whether it is a quarantined image is not known: it names no digest'] }
}

function leavingReason(release: Release, leaving: Release): string {
  return release.version === leaving.version ? 'what we leave' : `the image of v${leaving.version}, which is left`
}

export function candidate(release: Release, verdict: CandidateVerdict, reason: string, book: ImageBook): Candidate {
  const digest = book.digestOf(release)
  return {
    version: release.version,
    image: release.image,
    ...(digest === undefined ? {} : { digest }),
    verdict,
    reason,
    liveAt: new Date(liveAt(release)).toISOString(),
  }
}
