import { expect, test } from 'vitest'
import type { Machine } from '../machines/machine.ts'
import { isWatched, standingOf } from './standing.ts'

const service = { protocol: 'tcp', checks: [{ type: 'http', grace_period: '20s' }] }
const metadata = { fly_platform_version: 'v2', fly_process_group: 'app' }
const machine: Machine = {
  id: 'm1',
  name: '',
  state: 'started',
  region: 'iad',
  instance_id: '01V1',
  host_status: 'ok',
  config: { image: 'a', metadata, services: [service] },
  events: [{ type: 'start', status: 'started', timestamp: 0 }],
  checks: [{ name: 'servicecheck-00-http-8080', status: 'passing' }],
}
const rules = { now: 60_000, graceMs: 10_000, deploying: new Set<string>() }
const exit = (request: Record<string, unknown>) => ({ type: 'exit', status: 'stopped', timestamp: 50_000, request })

test.each<[string, Partial<Machine>, Partial<typeof rules>, string]>([
  ['its checks pass', {}, {}, 'well'],
  ['a service check fails', { checks: [{ name: 'servicecheck-00-http-8080', status: 'critical' }] }, {}, 'ill'],
  ['a warning is no pass', { checks: [{ name: 'servicecheck-00-http-8080', status: 'warning' }] }, {}, 'ill'],
  ['an informational check fails', { checks: [...machine.checks, { name: 'disk', status: 'critical' }] }, {}, 'well'],
  ['no result yet is not healthy, nor ill', { checks: [] }, {}, 'unlooked'],
  ['no serving check is configured', { config: { image: 'a', metadata } }, {}, 'unlooked'],
  ['within the grace of the check', { checks: [] }, { now: 19_999 }, 'unlooked'],
  [
    'failing within the grace of the check',
    { checks: [{ name: 'servicecheck-00', status: 'critical' }] },
    { now: 19_999 },
    'unlooked',
  ],
  ['failing after it', { checks: [{ name: 'servicecheck-00', status: 'critical' }] }, { now: 20_000 }, 'ill'],
  ['a deploy works on it', { checks: [] }, { deploying: new Set(['m1']) }, 'unlooked'],
  ['cordoned on purpose', { cordoned: true, checks: [] }, {}, 'unlooked'],
  ['replacing', { state: 'replacing' }, {}, 'unlooked'],
  [
    'stopped on purpose',
    { state: 'stopped', events: [exit({ exit_event: { exit_code: 0, requested_stop: true } })] },
    {},
    'resting',
  ],
  [
    'killed when asked to stop',
    { state: 'stopped', events: [exit({ exit_event: { exit_code: 137, requested_stop: true } })] },
    {},
    'resting',
  ],
  [
    'crashed and not started again',
    { state: 'stopped', events: [exit({ exit_event: { exit_code: 1, requested_stop: false } })] },
    {},
    'ill',
  ],
  [
    'out of memory, by the monitor',
    { state: 'stopped', events: [exit({ MonitorEvent: { exit_event: { oom_killed: true } } })] },
    {},
    'ill',
  ],
  [
    'a clean end by itself',
    { state: 'stopped', events: [exit({ exit_event: { exit_code: 0, requested_stop: false } })] },
    {},
    'resting',
  ],
  ['failed', { state: 'failed' }, {}, 'ill'],
  ['its host is out of reach', { host_status: 'unreachable', config: undefined }, {}, 'ill'],
  ['its host is not known', { host_status: 'unknown' }, {}, 'unlooked'],
])('%s', (_, changes, other, standing) => {
  expect(standingOf({ ...machine, ...changes }, { ...rules, ...other }).standing).toBe(standing)
})

test('a machine that its lost host says nothing about is one of ours if it was before', () => {
  const lost: Machine = { ...machine, host_status: 'unreachable', config: undefined }
  expect(isWatched(lost, new Set())).toBe(false)
  expect(isWatched(lost, new Set(['m1']))).toBe(true)
  expect(isWatched({ ...machine, config: { metadata: {} } }, new Set(['m1']))).toBe(false)
  expect(isWatched({ ...machine, state: 'destroyed' }, new Set(['m1']))).toBe(false)
})
