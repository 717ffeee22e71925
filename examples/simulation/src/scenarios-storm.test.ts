import { afterEach, describe, expect, test } from 'vitest'
import { isEvent, type RecordedEvent, type Signal } from '@firebreak/core'
import { closeWorlds, minute, second, watched } from './watched-world.ts'
import { wakes, writesOf } from './world.ts'

afterEach(closeWorlds)

const services = Array.from({ length: 50 }, (_, index) => `shop-${String(index + 1).padStart(2, '0')}`)
const perService = 200

/** Twenty checks of one service that all need the one database. */
const lostDatabase = (service: string, turn: number, at: number): Signal => ({
  id: `${service}-${turn}`,
  key: `check-${turn % 20}`,
  source: 'tcp',
  measured: true,
  service,
  status: 'firing',
  at: new Date(at).toISOString(),
  summary: 'Postgres refuses connections',
  symptoms: [{ kind: 'dependency', name: 'postgres', role: 'database' }],
  labels: {},
  links: [],
})

const signalsIn = (events: readonly RecordedEvent[]) =>
  events
    .filter((event) => isEvent(event, 'signal.observed'))
    .flatMap(({ data }) => [data, ...(data.also ?? [])])
    .reduce((sum, { repeats = 0 }) => sum + 1 + repeats, 0)

describe('scenarios of storms', () => {
  test.each([
    ['in the same second', 0],
    ['one after the other', 0.5 * second],
  ])(
    '28: fifty services that lose one database %s are one group: three messages at most, and not one signal is lost',
    { timeout: 60_000 },
    async (_, apartMs) => {
      const world = await watched()
      const onset = world.clock.now()
      for (let elapsed = 0; elapsed < 60 * second; elapsed += 300) {
        const due = services.filter((_service, index) => index * apartMs <= elapsed)
        const turn = elapsed / 300
        const said = due.map((service) => lostDatabase(service, turn, world.clock.now()))
        await world.clock.run(Promise.all(said.map(async (signal) => world.responder1.ingest(signal))))
        await world.clock.advance(300)
      }
      await world.clock.advance(80 * second)
      const messages = wakes(world.arrived, 'manager')
      expect(messages.length, 'before and with the first reminder').toBeLessThanOrEqual(3)
      expect((messages[0]?.at ?? Infinity) - onset).toBeLessThanOrEqual(5 * second)
      const text = messages.map(({ page }) => `${page.title} ${page.text}`).join()
      expect(services.filter((service) => !text.includes(service))).toEqual([])
      await world.clock.advance(minute)

      const incidents = await Promise.all(services.map(async (service) => world.incident(service)))
      expect(new Set(incidents.map((incident) => incident?.severity))).toEqual(new Set(['P0']))
      expect(incidents[0]?.linked, 'one group').toHaveLength(services.length - 1)
      expect(writesOf(world.sim)).toBe(0)
      const recorded = await Promise.all(services.map(async (service) => signalsIn(await world.events(service))))
      const sent = services.map((_service, index) => perService - Math.ceil((index * apartMs) / 300))
      expect(recorded).toEqual(sent)
    },
  )
})
