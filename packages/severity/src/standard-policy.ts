import type { Band, SeverityPolicy } from './policy.ts'
import { freeze } from './freeze.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const resource: readonly Band[] = [
  { level: 'P2', from: 0.95 },
  { level: 'P3', from: 0.85, below: 0.95 },
]

/** The runbook as data, with the numbers that it leaves open. */
export const standardPolicy: SeverityPolicy = freeze({
  name: 'HotDash Incident Response Runbook',
  levels: {
    P0: {
      title: 'CRITICAL',
      summary: 'Page Immediately',
      response: { kind: 'elapsed', withinMs: 5 * minute },
      actions: [
        { does: 'notify', text: 'Immediate Manager notification' },
        { does: 'rollback', text: 'Execute emergency rollback if deployment-related' },
        { does: 'log', text: 'Start incident log' },
        { does: 'investigate', text: 'Begin investigation' },
      ],
    },
    P1: {
      title: 'HIGH',
      summary: 'Alert Within 15 Minutes',
      response: { kind: 'elapsed', withinMs: 15 * minute },
      actions: [
        { does: 'notify', text: 'Notify Manager' },
        { does: 'assess', text: 'Assess impact and scope' },
        { does: 'mitigate', text: 'Begin mitigation' },
        { does: 'log', text: 'Log incident details' },
      ],
    },
    P2: {
      title: 'MEDIUM',
      summary: 'Review During Business Hours',
      response: { kind: 'businessHours', withinMs: 2 * hour },
      actions: [
        { does: 'log', text: 'Log incident' },
        { does: 'investigate', text: 'Investigate during business hours' },
        { does: 'plan', text: 'Plan fix for next deployment' },
      ],
    },
    P3: {
      title: 'LOW',
      summary: 'Log for Review',
      response: { kind: 'dailyReview' },
      actions: [
        { does: 'log', text: 'Log for tracking' },
        { does: 'schedule', text: 'Address in normal development cycle' },
      ],
    },
  },
  errorRate: {
    bands: [
      { level: 'P0', above: 0.5, note: 'our reading of the runbook' },
      { level: 'P1', from: 0.1, to: 0.5 },
      { level: 'P2', from: 0.05, below: 0.1 },
      { level: 'P3', from: 0.01, below: 0.05 },
    ],
    fewRequests: {
      faceValueFrom: 10,
      boundFrom: 5,
      z: 1.96,
      atMost: 'P1',
      windowsMs: [minute, 5 * minute, 30 * minute, hour],
    },
  },
  latency: {
    bands: [
      { level: 'P1', above: 2 },
      { level: 'P2', from: 1.5, to: 2 },
    ],
    minimumDifferenceMs: 50,
    minimumSamples: 30,
  },
  outage: { complete: 'P0', partial: 'P1' },
  checks: { none: 'P0', some: 'P1' },
  security: 'P0',
  dependency: { database: 'P0', other: 'P2' },
  function: { critical: 'P0', other: 'P2' },
  crash: { repeated: 'P1', count: 3, windowMs: 10 * minute, fewer: 'P2' },
  capacity: {
    disk: [
      { level: 'P1', from: 0.95 },
      { level: 'P3', from: 0.85, below: 0.95 },
    ],
    memory: resource,
    cpu: resource,
    concurrency: resource,
  },
  warning: 'P3',
  burnRate: [
    { level: 'P1', factor: 14.4, longMs: hour, shortMs: 5 * minute },
    { level: 'P1', factor: 6, longMs: 6 * hour, shortMs: 30 * minute },
    { level: 'P2', factor: 3, longMs: day, shortMs: 2 * hour },
    { level: 'P3', factor: 1, longMs: 3 * day, shortMs: 6 * hour },
  ],
  timing: {
    evaluateEveryMs: 15 * second,
    windowsMs: [minute, 5 * minute],
    raiseAfter: 2,
    lowerAfterMs: 2 * minute,
    exitFactor: 0.8,
  },
})
