import { expect, test } from 'vitest'
import { digestData, linkOf, seal, verifyChain, type ChainLink, type RecordedEvent } from './index.ts'

function chain(length: number): ChainLink[] {
  const links: ChainLink[] = []
  for (let version = 1; version <= length; version += 1) {
    const at = `2026-11-23T02:00:0${version}.000Z`
    const event = {
      stream: 'incident/shop/1',
      version,
      id: `e${version}`,
      type: 'note.added',
      at,
      recordedAt: at,
      actor: 'mia',
    }
    const data = JSON.stringify({ text: `note ${version}` })
    const salt = `salt${version}`
    links.push({ ...event, data, salt, hash: seal(links.at(-1)?.hash ?? '', event, digestData(data, salt)) })
  }
  return links
}
const links = chain(5)
const head = { version: 5, head: links.at(-1)!.hash }
const edited = (index: number, change: Partial<ChainLink>) =>
  links.map((link, at) => (at === index ? { ...link, ...change } : link))

test('an untouched chain verifies, with and without a head, up to an earlier head too', () => {
  expect(verifyChain(links)).toEqual({ ok: true, events: 5, head: head.head })
  expect(verifyChain(links, head).ok).toBe(true)
  expect(verifyChain(links, { version: 3, head: links[2]!.hash }).ok).toBe(true)
  expect(verifyChain([])).toEqual({ ok: true, events: 0, head: '' })
  expect(verifyChain([], { version: 0, head: '' }).ok).toBe(true)
})

test('an edit of any field of any event is found', () => {
  const changes: Partial<ChainLink>[] = [
    { data: '{"text":"another"}' },
    { salt: 'other' },
    { type: 'note.removed' },
    { actor: 'tom' },
    { id: 'x' },
    { at: '2026-11-23T03:00:00.000Z' },
    { recordedAt: '2026-11-23T03:00:00.000Z' },
    { stream: 'incident/shop/2' },
    { causationId: 'x' },
    { hash: '0'.repeat(64) },
  ]
  for (const change of changes)
    for (const index of [0, 2, 4])
      expect(verifyChain(edited(index, change)), JSON.stringify(change)).toMatchObject({
        ok: false,
        version: index + 1,
      })
})

test('text cannot be moved from one field into the next', () => {
  const base = { stream: 's', version: 1, id: 'i', type: 't', at: 'a', recordedAt: 'r' }
  expect(seal('', { ...base, actor: 'a\u001fb' }, 'd')).not.toBe(
    seal('', { ...base, actor: 'a', causationId: 'b' }, 'd'),
  )
  expect(seal('', { ...base, actor: 'a","b' }, 'd')).not.toBe(seal('', { ...base, actor: 'a', causationId: 'b' }, 'd'))
})

test('a dropped, doubled or reordered event is found, with its place', () => {
  expect(verifyChain(links.toSpliced(1, 1))).toMatchObject({
    ok: false,
    version: 2,
    why: expect.stringContaining('missing'),
  })
  expect(verifyChain(links.toSpliced(1, 0, links[0]!)).ok).toBe(false)
  expect(verifyChain([links[0]!, links[2]!, links[1]!, links[3]!]).ok).toBe(false)
  const renumbered = links.toSpliced(1, 1).map((link, index) => ({ ...link, version: index + 1 }))
  expect(verifyChain(renumbered)).toMatchObject({ ok: false, version: 2, why: expect.stringContaining('hash') })
})

test('a cut tail is found only against a head that was kept elsewhere', () => {
  const cut = links.slice(0, 3)
  expect(verifyChain(cut).ok).toBe(true)
  expect(verifyChain(cut, head)).toMatchObject({ ok: false, version: 4, why: expect.stringContaining('cut') })
})

test('a history rewritten from the beginning is found against the head', () => {
  const other = chain(5).map((link) => ({ ...link }))
  const data = JSON.stringify({ text: 'rewritten' })
  let previous = ''
  for (const link of other) {
    link.hash = seal(previous, link, digestData(data, 'salt'))
    Object.assign(link, { data, salt: 'salt' })
    previous = link.hash
  }
  expect(verifyChain(other).ok).toBe(true)
  expect(verifyChain(other, head)).toMatchObject({
    ok: false,
    version: 5,
    why: expect.stringContaining('another history'),
  })
})

test('a redacted event keeps the chain verifiable by the digest that is left, and only by that', () => {
  const { data, salt, ...rest } = links[2]!
  const dataDigest = digestData(data!, salt!)
  expect(verifyChain(links.with(2, { ...rest, data: undefined, salt: undefined, dataDigest }), head).ok).toBe(true)
  expect(verifyChain(links.with(2, { ...rest, data: undefined, salt: undefined }))).toMatchObject({
    ok: false,
    version: 3,
  })
  expect(verifyChain(links.with(2, { ...rest, data: undefined, salt: undefined, dataDigest: '0' })).ok).toBe(false)
})

test('an event as it is read gives its own link', () => {
  const { data, ...rest } = links[0]!
  const event = { ...rest, data: JSON.parse(data!) as object } as RecordedEvent
  expect(verifyChain([linkOf(event)]).ok).toBe(true)
})

test('the same data under another salt has another digest', () => {
  expect(digestData('{"name":"mia"}', 'a')).not.toBe(digestData('{"name":"mia"}', 'b'))
})
