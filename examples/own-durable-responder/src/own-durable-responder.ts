// A responder of one's own that survives a crash: the log, the bus and three helpers of core; no @firebreak/responder.
import { writeFile } from 'node:fs/promises'
import { createBus, once, record, relay, type Incident, type NewEvent, type OnceContext } from '@firebreak/core'
import { watch } from '@firebreak/detect'
import { createFly, flyHealth, flyProbe, flyTarget } from '@firebreak/fly'
import { sqliteLog } from '@firebreak/incident-log/sqlite'
import { pagerdutyNotifier } from '@firebreak/notify/pagerduty'
import { pageFor } from '@firebreak/notify'
import { renderPostmortem } from '@firebreak/postmortem'
import { executeRollback, planRollback } from '@firebreak/rollback'
import { classify } from '@firebreak/severity'
const app = createFly().app('hotdash-agent-service')
const manager = pagerdutyNotifier({ routingKey: process.env.PAGERDUTY_ROUTING_KEY })
const log = sqliteLog({ path: 'own.db' })
const bus = createBus()
const stopping = new AbortController()
const own = (type: string, data: object) => ({ type, actor: 'own', data })

bus.on('signal.observed', (signal) =>
  record(log, `incident/${signal.service}/1`, ({ version, severity, signals }) => {
    const others = [...signals.values()].map((it) => it.signal).filter(({ key }) => key !== signal.key)
    const level = classify([signal, ...others].flatMap(({ symptoms }) => symptoms))
    const news = signals.get(signal.key)?.signal.status !== signal.status || level.severity !== severity
    const said = [own('signal.observed', signal), own('incident.assessed', level)]
    return version === 0 ? [own('incident.opened', { service: signal.service }), ...said] : news ? said : []
  }),
)
const atP0 = (key: string, effect: (incident: Readonly<Incident>, context: OnceContext) => Promise<NewEvent[]>) =>
  bus.on('incident.changed', async ({ incident }) => {
    if (incident.severity === 'P0') await once(log, incident.stream, key, (context) => effect(incident, context))
  })

atP0('page/manager', async (incident, { idempotencyKey, signal }) => {
  const receipt = await manager.send(pageFor(incident), { idempotencyKey, signal, fetch })
  return [own('page.sent', { to: 'manager', receipt })]
})
atP0('rollback', async (_incident, { journal, signal }) => {
  const plan = await planRollback(flyTarget(app), { reason: 'P0' })
  const outcome = await executeRollback(plan, flyTarget(app), { health: flyHealth(app), journal, signal })
  return [own(outcome.ok ? 'incident.mitigated' : 'rollback.failed', outcome)]
})
bus.on('incident.mitigated', (_, recorded) => recorded && record(log, recorded.stream, () => [own('incident.resolved', {})]))
bus.on('incident.resolved', async (_, recorded) => {
  const events = recorded && (await Array.fromAsync(log.read(recorded.stream)))
  if (events) await writeFile('post-mortem.md', renderPostmortem(events, { format: 'markdown' }))
})

for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => stopping.abort())
watch([flyProbe(app)], { everyMs: 15_000, bus, signal: stopping.signal })
await relay(log, bus, { signal: stopping.signal })
