import type { FlySimOptions } from '@firebreak/fly-sim'
import { times } from './times.ts'

export const organization = 'hotdash'
export const agent = 'hotdash-agent-service'
export const neighbour = 'hotdash-llamaindex-mcp'

const day = 24 * 60 * 60_000

/** Images by their content: v1 and v2 are one image, v3 is the bad one. */
export const images = {
  good: { ref: `registry.fly.io/${agent}:deployment-01K9V1GOOD`, digest: `sha256:4be1c0${'0'.repeat(58)}` },
  secrets: { ref: `registry.fly.io/${agent}:deployment-01K9V1GOOD`, digest: `sha256:4be1c0${'0'.repeat(58)}` },
  shipped: { ref: `registry.fly.io/${agent}:deployment-01KAV3NEXT`, digest: `sha256:e7a941${'1'.repeat(58)}` },
  neighbour: { ref: `registry.fly.io/${neighbour}:deployment-01K9M1MCP`, digest: `sha256:7d20e1${'2'.repeat(58)}` },
} as const

/** An image as the story names it: the beginning of its digest. */
export function shortImage(ref: string): string {
  const known = Object.values(images).find((image) => image.ref === ref)
  return known?.digest.slice(7, 13) ?? ref.split(':').at(-1) ?? ref
}

export interface StoryOptions {
  readonly seed: number
  readonly scenario: 'bad' | 'healthy'
}

/** The world before the deploy: two apps, three machines each in two regions; v1, v2 (a secrets change), and v3's image. */
export function story({ seed, scenario }: StoryOptions): FlySimOptions {
  const well = { errorRatio: 0.001, latencyMs: { p50Ms: 12, p95Ms: 40 } }
  const healthy = { ...well, paths: { '/health': { errorRatio: 0 }, '/deep': { errorRatio: 0 } } }
  const failing = {
    ...healthy,
    phasesSince: 'release' as const,
    // By itself, some seconds after its start; the service check stays good, so the deploy went through.
    // Its informational check notices later: users are first.
    phases: [
      { fromMs: times.goodForMs, errorRatio: 0.4, status: 500 },
      { fromMs: times.goodForMs + times.worseAfterMs, errorRatio: 0.6, status: 500 },
      {
        fromMs: times.goodForMs + times.deepAfterMs,
        errorRatio: 0.6,
        status: 500,
        paths: { '/deep': { errorRatio: 1 } },
      },
    ],
  }
  // A slow machine of ours must not look like an ill machine of theirs: the time limit is generous.
  const check = { intervalMs: 500, timeoutMs: 3_000, graceMs: 300 }
  const app = {
    machines: 3,
    regions: ['iad', 'iad', 'ord'],
    serviceChecks: [{ ...check, path: '/health' }],
    checks: { deep: { ...check, path: '/deep', kind: 'informational' as const } },
  }
  return {
    seed,
    organization,
    machines: 'http',
    scrapeEveryMs: times.scrapeEveryMs,
    timing: { createMs: 100, replaceMs: times.replaceMs, startMs: times.startMs, stopMs: 100 },
    images: [
      { ...images.good, behaviour: healthy },
      { ...images.shipped, behaviour: scenario === 'bad' ? failing : healthy },
      { ...images.neighbour, behaviour: healthy },
    ],
    apps: [
      {
        ...app,
        name: agent,
        releases: [
          { image: images.good.ref, agoMs: 10 * day, description: 'Deploy image', user: 'ci@hotdash' },
          {
            image: images.secrets.ref,
            agoMs: 2 * day + 4 * 3_600_000,
            description: 'Update secrets',
            user: 'mia@hotdash',
          },
        ],
      },
      { ...app, name: neighbour, releases: [{ image: images.neighbour.ref, agoMs: 5 * day, user: 'ci@hotdash' }] },
    ],
  }
}
