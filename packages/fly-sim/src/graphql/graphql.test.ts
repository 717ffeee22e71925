import { describe, expect, test } from 'vitest'
import { shop } from '../fixtures/shop.ts'
import { parseDocument } from './parse.ts'

const ask = async (query: string, variables = {}) => {
  const { send } = shop()
  return (await send('POST', '/graphql', { query, variables })).body
}

describe('GraphQL', () => {
  test('answers aliases, fragments, inline fragments and conditions', async () => {
    const query = `
      query Q($name: String!, $more: Boolean = false) {
        appcompact: app(name: $name) { ...Compact organization { ... on Organization { slug } } hidden: id @include(if: $more) }
        viewer { ... on User { email } }
      }
      fragment Compact on App { id name deployed status hostname platformVersion role { name } }`
    const { data } = await ask(query, { name: 'shop' })
    expect(data).toEqual({
      appcompact: {
        id: 'shop',
        name: 'shop',
        deployed: true,
        status: 'deployed',
        hostname: 'shop.fly.dev',
        platformVersion: 'machines',
        role: null,
        organization: { slug: 'personal' },
      },
      viewer: { email: 'you@example.com' },
    })
  })

  test('gives null for a field that it does not have', async () => {
    expect((await ask('{ app(name: "shop") { id somethingNew { deep } } }')).data.app).toEqual({
      id: 'shop',
      somethingNew: null,
    })
  })

  test('says in its own words that there is no such app, with 200', async () => {
    const { send } = shop()
    const { status, body } = await send('POST', '/graphql', { query: '{ app(name: "none") { id } }' })
    expect(status).toBe(200)
    expect(body).toEqual({
      data: { app: null },
      errors: [{ message: 'Could not find App "none"', path: ['app'], extensions: { code: 'NOT_FOUND' } }],
    })
  })

  test('answers what flyctl asks before it does anything', async () => {
    const { data } = await ask(`{
      canPerformBluegreenDeployment(name: "shop")
      organization(slug: "personal") { id internalNumericId slug rawSlug name type billable }
      app(name: "shop") { internalNumericId hostIssues { nodes { internalId } } ipAddresses { nodes { address type } } }
      apps(type: "container", first: 200) { pageInfo { hasNextPage endCursor } nodes { id currentRelease { status } } }
      platform { requestRegion regions { code } }
    }`)
    expect(data.canPerformBluegreenDeployment).toBe(true)
    expect(data.organization).toMatchObject({ slug: 'personal', internalNumericId: expect.any(String) as string })
    expect(data.app.internalNumericId).toEqual(expect.any(Number))
    expect(data.app.hostIssues.nodes).toEqual([])
    expect(data.apps).toMatchObject({
      pageInfo: { hasNextPage: false },
      nodes: [{ id: 'shop', currentRelease: { status: 'complete' } }],
    })
    expect(data.platform.regions.length).toBeGreaterThan(5)
  })

  test('locks an app for one at a time', async () => {
    const { send, clock } = shop()
    const lock = {
      query: 'mutation($input: LockAppInput!) { lockApp(input: $input) { lockId expiration } }',
      variables: { input: { appId: 'shop' } },
    }
    const { lockId } = (await send('POST', '/graphql', lock)).body.data.lockApp
    expect((await send('POST', '/graphql', lock)).body.errors[0].message).toMatch(/already locked/)
    const unlock = (id: string) => ({
      query: 'mutation($input: UnlockAppInput!) { unlockApp(input: $input) { app { name } } }',
      variables: { input: { appId: 'shop', lockId: id } },
    })
    expect((await send('POST', '/graphql', unlock('other'))).body.errors).toHaveLength(1)
    expect((await send('POST', '/graphql', unlock(lockId))).body.data.unlockApp.app.name).toBe('shop')
    await send('POST', '/graphql', lock)
    await clock.advance(15 * 60_000)
    expect((await send('POST', '/graphql', lock)).body.errors).toBeUndefined()
  })

  test('refuses what it cannot parse, and finds no field in a prototype', async () => {
    for (const query of ['', '{', 'query {', '{ app(name: $ }', 'frobnicate { a }', '%'])
      expect((await ask(query)).errors[0].message).toEqual(expect.any(String))
    expect((await ask('{ constructor toString __proto__ }')).data).toEqual({
      constructor: null,
      toString: null,
      ['__proto__']: null,
    })
  })
})

test('literals of every kind are read', () => {
  const { operations } = parseDocument(
    '{ f(a: 1, b: -2.5e1, c: "x\\n", d: true, e: null, g: ROLLING, h: [1, 2], i: { j: $v }) }',
  )
  expect(operations[0]?.selections[0]).toMatchObject({
    args: {
      a: { literal: 1 },
      b: { literal: -25 },
      c: { literal: 'x\n' },
      d: { literal: true },
      e: { literal: null },
      g: { literal: 'ROLLING' },
      h: { list: [{ literal: 1 }, { literal: 2 }] },
      i: { object: { j: { variable: 'v' } } },
    },
  })
})
