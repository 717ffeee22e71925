/** Each example runs as its reader would run it, against Fly.io on localhost, in faster time. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const factor = 30
const good = 'registry.fly.io/hotdash-agent-service:deployment-good'
/** A rollback pins the digest behind the tag. */
const isGood = (image: string) => image === good || image.startsWith(`${good}@`)
const root = resolve(import.meta.dirname, '../../..')
const flags = ['--conditions=@firebreak/source', '--import', resolve(import.meta.dirname, 'fast-time.ts')]

interface World extends AsyncDisposable {
  facts(): Promise<{ machines: string[]; pages: string[]; writes: Record<string, number> }>
  run(example: string): ChildProcess & { readonly output: () => string; readonly ended: Promise<number | null> }
}

async function startWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-example-'))
  const clock = { FAST_TIME_ORIGIN: String(Date.now()), FAST_TIME_FACTOR: String(factor) }
  const start = (file: string, env: Record<string, string>) => {
    const child = spawn(process.execPath, [...flags, file], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...clock, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += String(chunk)))
    child.stderr.on('data', (chunk) => (output += String(chunk)))
    const ended = new Promise<number | null>((settle) => child.once('exit', (code) => settle(code)))
    return Object.assign(child, { output: () => output, ended })
  }
  const world = start(join(import.meta.dirname, 'example-world.ts'), {})
  await until(() => world.output().includes('receiver'), world.output)
  const { url, receiver } = JSON.parse(world.output().split('\n').at(-2) ?? '') as { url: string; receiver: string }
  const children: ChildProcess[] = [world]
  return {
    facts: async () => (await fetch(`${receiver}/facts`)).json() as ReturnType<World['facts']>,
    run(example) {
      const child = start(join(root, `examples/${example}/src/${example}.ts`), {
        FLY_API_TOKEN: 'fo1_example',
        FLY_FLAPS_BASE_URL: url,
        FLY_API_BASE_URL: url,
        SLACK_WEBHOOK_URL: `${receiver}/services/T0/B0/example`,
        PAGERDUTY_ROUTING_KEY: 'e93facc04764012d7bfb002500d5d1a6',
        EXAMPLE_PAGES_URL: receiver,
        FIREBREAK_TOKEN: 'example-token',
      })
      children.push(child)
      return child
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function until(ready: () => boolean | Promise<boolean>, output: () => string): Promise<void> {
  for (let looks = 0; looks < 900; looks += 1) {
    if (await ready()) return
    await new Promise((settle) => setTimeout(settle, 100))
  }
  throw new Error(`waited 90 s in vain:\n${output()}`)
}

describe.concurrent('the examples', () => {
  test('deploy-script rolls back, exits 0, and a second run has nothing to do', { timeout: 180_000 }, async () => {
    await using world = await startWorld()
    const first = world.run('deploy-script')
    expect(await first.ended, first.output()).toBe(0)
    const facts = await world.facts()
    expect(facts.machines.filter(isGood)).toHaveLength(3)
    const second = world.run('deploy-script')
    expect(await second.ended, second.output()).toBe(0)
    expect((await world.facts()).writes).toEqual(facts.writes)
  })

  test('own-responder, on the bus alone, pages and rolls back, and leaves no handle', { timeout: 180_000 }, async () => {
    await using world = await startWorld()
    const responder = world.run('own-responder')
    expect(await responder.ended, responder.output()).toBe(0)
    const { machines, pages } = await world.facts()
    expect(machines.filter(isGood)).toHaveLength(3)
    expect(pages.some((page) => page.includes('P0'))).toBe(true)
    expect(responder.output()).toContain('3/3')
  })

  test('own-durable-responder survives a crash, pages once, and rolls back', { timeout: 180_000 }, async () => {
    await using world = await startWorld()
    const first = world.run('own-durable-responder')
    await until(async () => Object.keys((await world.facts()).writes).length > 0, first.output)
    first.kill('SIGKILL')
    await first.ended
    const second = world.run('own-durable-responder')
    await until(async () => (await world.facts()).machines.every(isGood), second.output)
    second.kill('SIGTERM')
    expect(await second.ended, second.output()).toBe(0)
    expect((await world.facts()).pages).toHaveLength(1)
  })

  test('embedding opens an incident, pages and rolls back, and stops in order', { timeout: 180_000 }, async () => {
    await using world = await startWorld()
    const service = world.run('embedding')
    await until(async () => (await world.facts()).machines.every(isGood), service.output)
    expect((await world.facts()).pages.length).toBeGreaterThan(0)
    expect(service.output()).toContain('hotdash-agent-service is P0')
    service.kill('SIGTERM')
    expect(await service.ended, service.output()).toBe(0)
  })
})

test('the examples keep to the length that was promised', () => {
  const lines = (example: string) =>
    readFileSync(join(root, `examples/${example}/src/${example}.ts`), 'utf8')
      .trimEnd()
      .split('\n').length
  expect(lines('deploy-script')).toBeLessThanOrEqual(20)
  expect(lines('embedding')).toBeLessThanOrEqual(25)
  expect(lines('own-responder')).toBeLessThanOrEqual(40)
  expect(lines('own-durable-responder')).toBeLessThanOrEqual(50)
})
