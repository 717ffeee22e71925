import { expectTypeOf, test } from 'vitest'
import { createBus, type Bus, type RecordedEvent, type Severity, type Teller } from './index.ts'

test('payloads are typed, ours and the users own', () => {
  const bus = createBus<{ 'oncall.paged': [who: string] }>()
  bus.on('page.sent', (page, recorded) => {
    expectTypeOf(page.severity).toEqualTypeOf<Severity>()
    expectTypeOf(recorded).toEqualTypeOf<RecordedEvent<'page.sent'> | undefined>()
  })
  bus.on('oncall.paged', (who) => expectTypeOf(who).toEqualTypeOf<string>())
  // @ts-expect-error there is no such event
  bus.on('page.forgotten', () => undefined)
  // @ts-expect-error the payload is a name
  bus.emit('oncall.paged', 7)
})

test('a bus with own events serves wherever ours is wanted', () => {
  const bus = createBus<{ 'oncall.paged': [who: string] }>()
  expectTypeOf(bus).toExtend<Bus>()
  expectTypeOf(bus).toExtend<Teller>()
})
