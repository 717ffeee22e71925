import { expect, test } from 'vitest'
import { incidentsNear } from './platform-status.ts'

const incident = (name: string, impact: string, components: string[] = []) => ({
  name,
  impact,
  status: 'identified',
  components,
})

test.each([
  [incident('Networking', 'critical'), true],
  [incident('Deployments fail', 'major'), true],
  [incident('Slow volumes in IAD', 'minor'), true],
  [incident('Slow volumes', 'minor', ['ORD - Chicago']), true],
  [incident('Slow volumes in AMS', 'minor', ['AMS - Amsterdam']), false],
  [incident('Dashboard', 'minor'), false],
  [incident('Planned work in IAD', 'maintenance'), false],
  [incident('Radiance in the diad', 'minor'), false],
])('%j concerns machines in iad and ord: %s', (open, near) => {
  const status = { indicator: 'minor', description: '', down: false, incidents: [open], components: [] }
  expect(incidentsNear(status, ['iad', 'ord'])).toHaveLength(near ? 1 : 0)
})
