import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assessmentProperties } from './fixtures/assessment-properties.ts'
import { documentProperties } from './fixtures/document-properties.ts'
import { classifyProperties } from './fixtures/properties.ts'

const properties = { ...classifyProperties, ...assessmentProperties, ...documentProperties }

test.each(Object.entries<fc.IProperty<unknown>>(properties))('%s (10,000 runs)', (_name, property) => {
  const report = fc.check(property, { numRuns: 10_000 })
  expect(report.failed, fc.defaultReportMessage(report)).toBe(false)
})
