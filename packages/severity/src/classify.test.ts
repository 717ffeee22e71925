import { InvalidInput, type Symptom } from '@firebreak/core'
import { expect, test } from 'vitest'
import { classify, describeReason, standardPolicy } from './index.ts'

const errors = (failed: number, requests: number): Symptom => ({
  kind: 'errorRate',
  ratio: failed / requests,
  requests,
})
const level = (...symptoms: Symptom[]) => classify(symptoms).severity

test.each([
  [1, 1, null],
  [4, 20, null],
  [5, 20, 'P1'],
  [9, 9, 'P1'],
  [10, 20, 'P1'],
  [60, 500, 'P1'],
  [100, 1000, 'P1'],
  [10, 10, 'P0'],
  [11, 20, 'P0'],
  [9, 100, 'P3'],
])('%i of %i failed requests are %s', (failed, requests, expected) => {
  expect(level(errors(failed, requests))).toBe(expected)
})

test('the sentence has the number, the threshold and the denominator', () => {
  expect(classify([errors(111, 183)]).reasons.map(describeReason)).toEqual([
    'error rate 61 % is over 50 % (111 of 183), our reading of the runbook',
  ])
  expect(classify([errors(17, 61)]).reasons.map(describeReason)).toEqual(['error rate 28 % is 10 % or more (17 of 61)'])
})

test('a percentage given for a ratio is refused, with the ratio that was meant', () => {
  const refused = () => classify([{ kind: 'errorRate', ratio: 12 }])
  expect(refused).toThrow(InvalidInput)
  expect(refused).toThrow('symptoms[0].ratio: 12 looks like a percentage: write 12 % as 0.12; a ratio lies in 0…1')
})

test('the standard policy cannot be edited in passing', () => {
  expect(() => Object.assign(standardPolicy.timing, { raiseAfter: 1 })).toThrow(TypeError)
})
