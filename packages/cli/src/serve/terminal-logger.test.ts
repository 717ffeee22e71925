import { expect, test } from 'vitest'
import { terminalLogger } from './terminal-logger.ts'

test('warnings and errors are a line each, which commands no terminal; the rest is not said', () => {
  const lines: string[] = []
  const logger = terminalLogger({ complain: (text) => void lines.push(text) })
  logger.debug('a')
  logger.info('b')
  logger.warn('slow', { part: 'pager' })
  logger.error('failed', { error: 'one\ntwo \u009B31m' })
  expect(lines).toEqual([
    'firebreak: warn: slow {"part":"pager"}',
    'firebreak: error: failed {"error":"one\\ntwo  31m"}',
  ])
})
