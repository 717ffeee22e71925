import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assessmentProperties } from './fixtures/assessment-properties.ts'
import { documentProperties } from './fixtures/document-properties.ts'

test.each(Object.entries<fc.IProperty<unknown>>({ ...assessmentProperties, ...documentProperties }))(
  '%s',
  (_name, property) => {
    const report = fc.check(property, { numRuns: 150 })
    expect(report.failed, fc.defaultReportMessage(report)).toBe(false)
  },
)
