/**
 * Memory of `firebreak serve` with 10,000 open incidents, each paged, in SQLite: a process that does nothing else.
 * Run: node --conditions=@firebreak/source packages/responder/src/memory.bench.ts
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { NewEvent, Write } from '@firebreak/core'
import { sqliteLog } from '@firebreak/incident-log/sqlite'
import { bundle, commandEntry } from './fixtures/bundle.ts'

const open = Number(process.env['FIREBREAK_BENCH_INCIDENTS'] ?? 10_000)
const barMb = 200

const folder = mkdtempSync(join(tmpdir(), 'firebreak-memory-'))
const path = join(folder, 'incidents.db')

function writeOf(index: number): Write {
  const service = `service-${index}`
  const at = new Date().toISOString()
  const event = (type: string, data: object): NewEvent => ({ type, actor: 'bench', data })
  const reasons = [{ level: 'P2', rule: 'stated', observed: 'P2', threshold: 'P2' }]
  const signal = {
    id: `signal-${index}`,
    key: `prometheus/${index}`,
    source: 'prometheus',
    measured: false,
    service,
    status: 'firing',
    at,
    summary: 'error ratio 6 % over 5 min',
    symptoms: [{ kind: 'stated', severity: 'P2' }],
    labels: { alertname: 'HighErrorRate', team: 'web' },
    links: [],
  }
  return {
    stream: `incident/${service}/1`,
    expected: 0,
    events: [
      event('incident.opened', { service, code: '7KQ2', number: 1, onsetAt: at }),
      event('signal.observed', signal),
      event('incident.assessed', { service, severity: 'P2', reasons, inconclusive: [], previous: null }),
    ],
  }
}

const past = sqliteLog({ path })
for (let index = 0; index < open; index += 100)
  await past.append(Array.from({ length: 100 }, (_, offset) => writeOf(index + offset)) as unknown as [Write])
await past.close()

const receiver = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(200).end())
})
await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening))
const [main = ''] = await bundle(join(folder, 'dist'), [commandEntry])
const child = spawn(process.execPath, [main, 'serve', '--port', '0', '--db', path], {
  cwd: folder,
  env: {
    PATH: process.env['PATH'],
    FIREBREAK_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
  },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const megabytes = (what: 'VmRSS' | 'VmHWM') => {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024
}
// It says that it listens when everything has been taken up.
await new Promise((said) => child.stdout.once('data', said))
const taken = megabytes('VmRSS')
await pause(20_000)
const settled = megabytes('VmRSS')
const peak = megabytes('VmHWM')
child.kill('SIGTERM')
await new Promise((exited) => child.once('exit', exited))
receiver.close()
receiver.closeAllConnections()
rmSync(folder, { recursive: true, force: true })

console.log(
  `${open.toLocaleString('en')} open incidents: ${Math.round(taken)} MB taken up, ${Math.round(settled)} MB twenty seconds later, ${Math.round(peak)} MB at most`,
)
console.log(
  JSON.stringify({
    bench: 'memory, 10,000 open incidents',
    ours: Math.round(settled),
    theirs: barMb,
    unit: 'MB',
    bar: 1,
  }),
)
