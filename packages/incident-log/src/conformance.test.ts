import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { memoryLog } from './index.ts'
import { sqliteLog } from './sqlite.ts'
import { describeIncidentLog } from './testing/index.ts'

// What is tested here is not the disk: in memory where there is such a folder.
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'firebreak-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const every = { subscribe: true, presence: true, snapshots: true, redact: true, prune: true, restore: true }

describeIncidentLog('memory', ({ clock, random }) => memoryLog({ clock, random }), every, { describe, test, expect })

describeIncidentLog(
  'sqlite',
  ({ name, clock, random }) => sqliteLog({ path: join(folder, `${name}.db`), clock, random }),
  { ...every, durable: true, shared: true },
  { describe, test, expect },
)
