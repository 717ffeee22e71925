/**
 * Secrets and personal data, all invented, in the shapes that leak most: put them through whatever stores, shows or throws,
 * and `findCanary` must find none of them afterwards.
 */
export const canaries: readonly string[] = [
  'fm2_lJPECAAAAAAAB8Iucanary0flytokenBEEF',
  'FlyV1 fm2_lJPECAAAAAAAcanary1,fm2_lJPECAAAcanary2',
  'fo1_canary3C0ffeeC0ffeeC0ffee',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlY2FuYXJ5',
  ['xoxb', '1234567890', 'canaryslacktoken'].join('-'),
  'https://hooks.slack.com/services/T0CANARY/B0CANARY/canarycanarycanary',
  'https://discord.com/api/webhooks/1234567890/canary-discord-token',
  'postgres://canary:hunter2canary@db.internal:5432/shop',
  'redis://:canary@pass@cache:6379',
  'AKIACANARYCANARY1234',
  'ghp_canarycanarycanarycanarycanary1234',
  'whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5',
  '4111 1111 1111 1111',
  '5555555555554444',
  'canary.person+tag@mail.example.co.uk',
]

/** What of each canary must not survive: its secret part, without the scheme or host that may be shown. */
const secretParts: readonly string[] = [
  'canary0flytoken',
  'canary1',
  'canary2',
  'canary3',
  'eyJzdWIiOiJjYW5hcnkifQ',
  'canaryslacktoken',
  'canarycanarycanary',
  'canary-discord-token',
  'hunter2canary',
  'canary@pass',
  'CANARYCANARY1234',
  'Y2FuYXJ5Y2FuYXJ5',
  '4111 1111 1111 1111',
  '5555555555554444',
  'canary.person',
]

/** The first canary that shows in a text or in anything that can be printed as JSON; `undefined` is what a test wants. */
export function findCanary(where: unknown): string | undefined {
  const text = typeof where === 'string' ? where : JSON.stringify(where)
  return secretParts.find((part) => text.includes(part))
}
