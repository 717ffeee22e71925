import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { describeIncidentLog } from '@firebreak/incident-log/testing'
import { fileLog } from './file-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'custom-log-'))
afterAll(() => rmSync(folder, { recursive: true }))
const open = ({ name, ...rest }: { name: string }) => fileLog({ path: join(folder, name), ...rest })
describeIncidentLog('a text file', open, { durable: true }, { describe, test, expect })
