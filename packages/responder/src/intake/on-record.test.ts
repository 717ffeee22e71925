import { applyEvent, emptyIncident, type RecordedEvent, type Signal } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { outage } from '../responder.fixture.ts'
import { forgetAgain, hear, type Remembered } from './hear.ts'
import { end, seed, settle } from './on-record.ts'
import { watchedService, wordCount, wordOn, words } from './watched-service.ts'

const clock = createTestClock()
const word = (id: string, key: string): Signal => ({ ...outage(clock), id, key })

function shop() {
  const watched = watchedService('shop')
  const incident = emptyIncident('incident/shop/1')
  const memory: Remembered[] = []
  return {
    watched,
    incident,
    memory,
    hears: (signal: Signal) => hear(watched, signal, clock.now(), memory),
    records: (signal: Signal) => {
      const at = new Date(clock.now()).toISOString()
      const version = incident.version + 1
      const place = { id: String(version), stream: incident.stream, version, at, recordedAt: at, hash: '' }
      const event: RecordedEvent = { ...place, type: 'signal.observed', actor: 'test', data: signal }
      applyEvent(incident, event)
    },
  }
}

test('what is on record as it was heard is kept once, and is still known', () => {
  const { watched, incident, hears, records } = shop()
  const [front, back] = [word('1', 'front'), word('2', 'back')]
  const heard = [front, back].flatMap((signal) => hears(signal) ?? [])
  seed(watched, incident)
  records(front)
  for (const it of heard) it.unrecorded = 0
  settle(watched, heard, incident)
  expect([...watched.heard.keys(), ...watched.ids], 'the other one is not on record').toEqual(['back', '2'])
  expect(Array.from(words(watched), ({ signal }) => signal)).toEqual([front, back])
  expect(wordCount(watched)).toBe(2)
  expect([hears(front), hears(back)], 'said before').toEqual([undefined, undefined])
})

test('a repetition of what is on record is counted beside it, and forgotten when the log refuses it', () => {
  const { watched, incident, memory, hears, records } = shop()
  const first = word('1', 'front')
  records(first)
  seed(watched, incident)
  const again = { ...first, id: '2', at: new Date(clock.now() + 1).toISOString() }
  expect(hears(again)).toMatchObject({ signal: again, count: 2, unrecorded: 1, recorded: first })
  expect(incident.signals.get('front'), 'the record is not written').toMatchObject({ signal: first, count: 1 })
  forgetAgain(watched, memory)
  expect(wordOn(watched, 'front')).toMatchObject({ signal: first, count: 1 })
  expect(hears(again), 'the sender will say it again').toMatchObject({ signal: again })
})

test('of an incident that others resolved and reopened, all that was said before is over', () => {
  const { watched, incident, hears, records } = shop()
  const [first, last] = [word('1', 'front'), { ...word('2', 'front'), at: new Date(clock.now() + 1).toISOString() }]
  records(first)
  records(last)
  seed(watched, incident)
  const place = { ...incident, id: 'r', version: incident.version + 1, at: last.at, recordedAt: last.at, hash: '' }
  applyEvent(incident, { ...place, type: 'incident.reopened', actor: 'test', data: { service: 'shop', why: 'again' } })
  seed(watched, incident)
  expect([wordCount(watched), watched.echoes.get('front')]).toEqual([0, Date.parse(last.at)])
  end(watched, incident)
  watched.echoes.clear()
  expect([hears(first), hears(last)], 'late copies').toEqual([undefined, undefined])
})

test('an end counts once: what is heard after it is no part of it', () => {
  const { watched, incident, hears, records } = shop()
  records(word('1', 'front'))
  seed(watched, incident)
  incident.status = 'resolved'
  end(watched, incident)
  hears(word('2', 'back'))
  end(watched, incident)
  settle(watched, [], incident)
  expect(Array.from(words(watched), ({ signal }) => signal.key)).toEqual(['back'])
})

test('a figure is counted as it was heard, however often others have said the same', () => {
  const { watched, incident, hears, records } = shop()
  const figure = { ...word('1', 'errors'), symptoms: [{ kind: 'errorRate', ratio: 0.9, requests: 1_200 }] } as const
  const heard = [hears(figure)].flatMap((it) => it ?? [])
  records(figure)
  for (const it of heard) it.unrecorded = 0
  settle(watched, heard, incident)
  records({ ...figure, repeats: 3 } as Signal)
  seed(watched, incident)
  expect([incident.signals.get('errors')?.count, wordOn(watched, 'errors')?.count]).toEqual([4, 1])
})
