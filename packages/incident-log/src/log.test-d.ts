import pg from 'pg'
import type { IncidentLog } from '@firebreak/core'
import { assertType, describe, expect, expectTypeOf, test } from 'vitest'
import { memoryLog, type Upcasts } from './index.ts'
import { postgresLog, type PgPoolLike } from './postgres.ts'
import { sqliteLog } from './sqlite.ts'
import { describeIncidentLog } from './testing/index.ts'

test('every factory gives the port', () => {
  expectTypeOf(memoryLog).returns.toExtend<IncidentLog>()
  expectTypeOf(sqliteLog).returns.toExtend<IncidentLog>()
  expectTypeOf(postgresLog).returns.toExtend<IncidentLog>()
})

test('a pool of pg fits, and so does anything like it', () => {
  assertType<PgPoolLike>(new pg.Pool())
  // @ts-expect-error a client is no pool
  assertType<PgPoolLike>(new pg.Client())
})

test('an expectation is stated, never assumed', async () => {
  const log = memoryLog()
  expectTypeOf<Parameters<IncidentLog['append']>>().not.toBeAny()
  const events = [{ type: 'note.added', actor: 'person:mia', data: {} }]
  // @ts-expect-error there is no default
  await log.append([{ stream: 'service/web', events }])
  // @ts-expect-error and no 'any'
  await log.append([{ stream: 'service/web', expected: 'any', events }])
  // @ts-expect-error an append of nothing
  await log.append([])
})

test('options may come from an environment where they are unset', () => {
  const path: string | undefined = process.env['LOG']
  expectTypeOf(sqliteLog).parameter(0).not.toBeAny()
  // @ts-expect-error a path is needed
  sqliteLog({ path })
  sqliteLog({ path: path ?? ':memory:', clock: undefined, random: undefined, upcasts: undefined })
  postgresLog({ connectionString: process.env['DATABASE_URL'], schema: undefined })
})

test('an upcast takes data and gives data', () => {
  assertType<Upcasts>({ 'own.deployed': [(data) => ({ ...data, apps: [] })] })
  // @ts-expect-error text is no data
  assertType<Upcasts>({ 'own.deployed': [() => 'text'] })
})

test('the suite takes a name or none', () => {
  const runner = { describe, test, expect }
  expectTypeOf(describeIncidentLog).toBeCallableWith('mine', () => memoryLog(), { durable: false }, runner)
  expectTypeOf(describeIncidentLog).toBeCallableWith(({ clock }) => memoryLog({ clock }), {}, runner)
})
