import type { Bus, Clock, IncidentLog } from '@firebreak/core'
import { prometheusProbe } from '@firebreak/detect/prometheus'
import { createFly, flyHealth, flyProbe, flyTarget } from '@firebreak/fly'
import { consoleNotifier, markdownFileNotifier, scaleRoutes, standardRoutes, type Routes } from '@firebreak/notify'
import { webhookNotifier } from '@firebreak/notify/webhook'
import { createResponder, standardRunbook, type Responder } from '@firebreak/responder'
import { scaleAutomation, standardAutomation, type Automation } from '@firebreak/rollback'
import { scalePolicyTimes, standardPolicy } from '@firebreak/severity'
import { flyEvidence } from '../fly-evidence.ts'
import type { DrillFolder } from './folder.ts'
import type { Receiver } from './receiver.ts'
import type { DrillWorld } from './start-world.ts'
import { agent, organization } from './story.ts'
import { times } from './times.ts'

export interface Assembly {
  readonly world: DrillWorld
  readonly folder: DrillFolder
  readonly log: IncidentLog
  readonly bus: Bus
  readonly receiver: Receiver
  readonly secret: string
  readonly clock: Clock
  readonly write: (text: string) => void
}

/** Any well-formed token is a person's on the simulator. */
const token = 'fo1_drill_drill_drill'

/** The responder of the drill: production's parts, watching and paging in shorter time. */
export function assemble({ world, folder, log, bus, receiver, secret, clock, write }: Assembly): Responder {
  const fly = createFly({ token, machinesUrl: world.url, apiUrl: world.url, organization, clock, pacing: false })
  const app = fly.app(agent)
  const health = flyHealth(app, { scrapeEveryMs: times.scrapeEveryMs })
  const wake = (role: string) => webhookNotifier({ url: `${receiver.url}/${role}`, secret, reach: 'wake', clock })
  const http = 'fly_edge_http_responses_count'
  return createResponder({
    log,
    bus,
    clock,
    policy: scalePolicyTimes(standardPolicy, times.policyFactor),
    probeEveryMs: times.probeEveryMs,
    probeTimeoutMs: 2_000,
    probes: [
      flyProbe(app, {
        clock,
        settleMs: times.settleMs,
        graceMs: times.settleMs,
        evidenceMs: times.windowsMs[0],
        platformEveryMs: 5_000,
      }),
      prometheusProbe({
        service: agent,
        url: `${world.url}/prometheus/${organization}`,
        token,
        clock,
        windowsMs: times.windowsMs,
        queries: {
          errors: `sum(increase(${http}{app="${agent}",status=~"5.."}[$window]))`,
          requests: `sum(increase(${http}{app="${agent}"}[$window]))`,
          p95Seconds: `histogram_quantile(0.95, sum by (le) (rate(fly_edge_http_response_time_seconds_bucket{app="${agent}"}[$window])))`,
        },
      }),
    ],
    parts: standardRunbook({
      target: flyTarget(app, { lookEveryMs: 100, checkEveryMs: 100 }),
      health,
      people: {
        manager: [wake('manager')],
        engineer: [wake('engineer')],
        'deployment-log': [markdownFileNotifier({ path: folder.deployment, clock }), consoleNotifier({ write })],
        'manager-log': markdownFileNotifier({ path: folder.manager, clock }),
      },
      routes: drillRoutes(),
      automation: drillAutomation(),
      postmortems: folder.root,
      evidence: { folder: folder.evidence, collectors: [flyEvidence(app)] },
      bakeMs: { P0: times.bakeMs, P1: times.bakeMs, P2: times.bakeMs, P3: times.bakeMs },
      clock,
    }),
  })
}

function drillRoutes(): Routes {
  const routes = scaleRoutes(standardRoutes, times.routesFactor)
  return { ...routes, desk: { ...routes.desk, timeoutMs: 5_000 } }
}

function drillAutomation(): Automation {
  const automation = scaleAutomation(standardAutomation, times.evidenceFactor)
  return {
    ...automation,
    afterPageMs: times.pageToWriteMs,
    suspectEveryMs: 1_000,
    suspectForMs: 20_000,
    unitMs: 15_000,
    suspect: {
      ...automation.suspect,
      maxAgeMs: 60_000,
      windowMs: 2_000,
      goodBeforeMs: times.warmUpMs,
      rateMs: times.warmUpMs,
      measuredMs: times.measuredMs,
    },
    proof: { ...automation.proof, maxAgeMs: standardAutomation.proof.maxAgeMs },
    judge: { ...automation.judge, judgeMs: times.judgeMs, everyMs: 500, verifyMs: times.verifyMs },
  }
}
