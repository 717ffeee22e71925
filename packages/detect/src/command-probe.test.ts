import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { commandProbe, type CommandProbeOptions } from './command-probe.ts'
import { runCommand } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-command-'))
afterEach(() => rmSync(join(folder, 'pids'), { force: true }))

const signal = new AbortController().signal
/** Node itself is the one executable that is surely there. */
const script = (source: string, options: Partial<CommandProbeOptions> = {}) =>
  commandProbe({ service: 'shop', confirm: 1, command: process.execPath, args: ['-e', source], ...options })

/** A zombie that nobody has collected yet is dead. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    return (error as { code?: string }).code === 'ENOENT' && process.platform !== 'linux'
  }
}
async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 500 && !condition(); round += 1) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(condition()).toBe(true)
}

describe('commandProbe', () => {
  test('exit 0 is well, another code is ill, and the last line says why', async () => {
    expect(await script('').observe({ signal })).toMatchObject([{ status: 'resolved', source: 'command' }])
    const [seen] = await script('console.log("checking");console.error("db: refused\\n");process.exit(3)').observe({
      signal,
    })
    expect(seen).toMatchObject({ status: 'firing', symptoms: [{ kind: 'outage', extent: 'complete' }] })
    expect(seen!.summary).toBe('node exits 3: db: refused')
  })

  test('codes that mean well can be named', async () => {
    expect(await script('process.exit(1)', { okCodes: [0, 1] }).observe({ signal })).toMatchObject([
      { status: 'resolved' },
    ])
  })

  test('gets PATH and what it is given, and nothing else of our environment', async () => {
    process.env['FIREBREAK_TEST_CANARY'] = 'canary'
    const source =
      'console.log(Object.keys(process.env).filter(k=>!k.startsWith("__")).toSorted().join()+process.env.OWN);process.exit(1)'
    const [seen] = await script(source, { env: { OWN: 'yes' } }).observe({ signal })
    delete process.env['FIREBREAK_TEST_CANARY']
    expect(seen!.summary).toBe('node exits 1: OWN,PATHyes')
  })

  test('there is no shell: what a shell would expand stays as it is', async () => {
    const [seen] = await script('console.log(process.argv.slice(1).join("|"));process.exit(1)', {
      args: ['-e', 'console.log(process.argv.slice(1).join("|"));process.exit(1)', '$(id)', '; rm -rf x', '*'],
    }).observe({ signal })
    expect(seen!.summary).toBe('node exits 1: $(id)|; rm -rf x|*')
  })

  test('at the time limit it and all that it started are killed', async () => {
    const clock = createTestClock()
    const pids = join(folder, 'pids')
    const source = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(()=>{},1000)'], { stdio: 'inherit' })
      process.on('SIGTERM', () => {})
      require('node:fs').writeFileSync(${JSON.stringify(pids)}, [process.pid, child.pid].join(' ') + '.')
      console.log('still waiting')
      setInterval(() => {}, 1000)`
    const observing = script(source, { timeoutMs: 5_000, clock }).observe({ signal })
    const read = () => {
      try {
        return readFileSync(pids, 'utf8')
      } catch {
        return ''
      }
    }
    await until(() => read().endsWith('.'))
    const [own, grandchild] = read().slice(0, -1).split(' ').map(Number)
    expect(alive(own!) && alive(grandchild!)).toBe(true)
    await clock.advance(5_000)
    const [seen] = await observing
    expect(seen).toMatchObject({ status: 'firing', summary: expect.stringContaining('not ended within 5000 ms') })
    await until(() => !alive(own!) && !alive(grandchild!))
    expect(clock.pending).toBe(0)
  })

  test('what it leaves in the background is killed when it ends', async () => {
    const source = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(()=>{},1000)'], { stdio: 'ignore' })
      child.unref()
      console.log(child.pid)
      process.exitCode = 1`
    const [seen] = await script(source).observe({ signal })
    const pid = Number(/: (\d+)$/.exec(seen!.summary)?.[1])
    await until(() => !alive(pid))
    expect(alive(pid)).toBe(false)
  })

  test('an abort kills it and rejects', async () => {
    const controller = new AbortController()
    const observing = script('setInterval(()=>{},1000)').observe({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(observing).rejects.toThrow('enough')
  })

  test('endless output is not kept, and its end is what counts', async () => {
    const source = 'for(let i=0;i<3000;i++)console.log("x".repeat(1000));console.log("the end");process.exitCode=1'
    const [seen] = await script(source).observe({ signal })
    expect(seen!.summary).toBe('node exits 1: the end')
    const { output } = await runCommand({
      command: process.execPath,
      args: ['-e', source],
      env: {},
      cwd: undefined,
      signal,
      clock: systemClock,
    })
    expect(output.length).toBe(16 * 1024)
  })

  test('a long last line is cut, controls are taken out, secrets and addresses are not told', async () => {
    const source =
      'process.stdout.write("\\u001b[31mpostgres://app:hunter22@db/x mia@example.com "+"y".repeat(2000));process.exitCode=1'
    const [seen] = await script(source).observe({ signal })
    for (const hidden of ['hunter22', 'mia@', '\u001b', '31m']) expect(seen!.summary).not.toContain(hidden)
    expect(seen!.summary.length).toBeLessThan(400)
  })

  test('rejects when it cannot be started, or was shot before it could say anything', async () => {
    await expect(script('', { command: 'no-such-command-here' }).observe({ signal })).rejects.toMatchObject({
      code: 'PROBE_BROKEN',
    })
    await expect(script('', { cwd: '/no/such/folder' }).observe({ signal })).rejects.toMatchObject({
      code: 'PROBE_BROKEN',
    })
    await expect(script('process.kill(process.pid, "SIGKILL")').observe({ signal })).rejects.toMatchObject({
      code: 'PROBE_BROKEN',
      message: expect.stringContaining('SIGKILL'),
    })
  })

  test('names the option that is missing', () => {
    expect(() => commandProbe({ service: 'shop', command: '' })).toThrow(/command/)
  })
})
