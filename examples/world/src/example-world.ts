/** What the examples run against: Fly.io on localhost with a bad release just shipped, and a receiver of their pages. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFlySim } from '@firebreak/fly-sim'

const app = 'hotdash-agent-service'
const image = (tag: string) => `registry.fly.io/${app}:deployment-${tag}`
const day = 24 * 60 * 60_000
const check = { intervalMs: 2_000, graceMs: 1_000 }

const sim = createFlySim({
  seed: 1,
  images: [
    { ref: image('good'), behaviour: { errorRatio: 0.001 } },
    { ref: image('bad'), behaviour: { errorRatio: 0.001, phases: [{ fromMs: 20_000, errorRatio: 0.6 }] } },
  ],
  apps: [
    {
      name: app,
      machines: 3,
      regions: ['iad', 'iad', 'ord'],
      requestsPerSecond: 20,
      serviceChecks: [check],
      releases: [
        { image: image('good'), agoMs: 10 * day },
        { image: image('good'), agoMs: 2 * day },
      ],
    },
  ],
})
const { url } = await sim.listen(0)

const pages: string[] = []
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => (body += String(chunk)))
  request.on('end', () => {
    if (request.url === '/facts') {
      const machines = sim.admin.machines(app).map((machine) => machine.image)
      response.end(JSON.stringify({ machines, pages, writes: sim.admin.writes() }))
      return
    }
    pages.push(body)
    if (request.url === '/pagerduty') {
      response.statusCode = 202
      response.end(JSON.stringify({ status: 'success', message: 'Event processed', dedup_key: 'key' }))
    } else response.end('ok')
  })
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const shipped = await sim.admin.ship(app, image('bad'), { smokeMs: 500, pollMs: 500 })
if (!shipped.ok) throw new Error(shipped.error)
sim.admin.clearCalls()
console.log(JSON.stringify({ url, receiver }))
