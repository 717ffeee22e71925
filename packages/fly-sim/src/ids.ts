import { createHash } from 'node:crypto'
import type { Random } from '@firebreak/core'

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Names as Fly makes them; the same seed makes the same ones. */
export interface Ids {
  /** 26 characters, rising: later ids sort after earlier ones. */
  ulid(now: number): string
  /** What Fly sends as `fly-request-id`. Draws nothing, so that the number of requests changes no other id. */
  request(now: number): string
  hex(length: number): string
  /** A name as Fly gives to machines: 'calm-river-412'. */
  name(): string
}

const adjectives = [
  'calm',
  'quiet',
  'bold',
  'misty',
  'wild',
  'silent',
  'late',
  'young',
  'cold',
  'bright',
  'dry',
  'long',
]
const nouns = ['river', 'smoke', 'leaf', 'pond', 'sun', 'tree', 'cloud', 'field', 'stone', 'bird', 'snow', 'wave']

export function createIds(random: Random): Ids {
  let sequence = 0
  let requests = 0
  const word = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? 'calm'
  const tail = () => base32(random() * fiveLetters, 5)
  return {
    ulid(now) {
      sequence += 1
      return base32(now, 10) + base32(sequence, 6) + tail() + tail()
    },
    request(now) {
      requests += 1
      return `${base32(now, 10)}${base32(requests, 16)}-iad`
    },
    hex(length) {
      let text = ''
      while (text.length < length)
        text += Math.floor(random() * 0x1_0000_0000)
          .toString(16)
          .padStart(8, '0')
      return text.slice(0, length)
    },
    name: () => `${word(adjectives)}-${word(nouns)}-${Math.floor(random() * 9_000) + 1_000}`,
  }
}

const fiveLetters = 32 ** 5

function base32(value: number, length: number): string {
  let text = ''
  for (let rest = Math.max(0, Math.floor(value)); text.length < length; rest = Math.floor(rest / 32))
    text = crockford[rest % 32]! + text
  return text
}

/** The digest of an image that nobody gave one: the same reference has the same. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
