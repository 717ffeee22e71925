import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classifyProperties } from './fixtures/properties.ts'

test.each(Object.entries<fc.IProperty<unknown>>(classifyProperties))('%s', (_name, property) => {
  const report = fc.check(property, { numRuns: 300 })
  expect(report.failed, fc.defaultReportMessage(report)).toBe(false)
})
