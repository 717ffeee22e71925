import { describe, expect, test } from 'vitest'
import {
  applyEvent,
  emptyIncident,
  reduceDesk,
  reduceIncident,
  reduceService,
  summarize,
  type IncidentSummary,
  type RecordedEvent,
  type Signal,
} from '../index.ts'

const start = Date.parse('2026-11-23T02:00:00Z')
const iso = (time: number) => new Date(time).toISOString()
const second = 1_000

/** Events of one stream, each a second after the one before unless it says when. */
function history(stream: string, ...events: { type: string; data?: object; at?: number }[]): RecordedEvent[] {
  return events.map(({ type, data = {}, at }, index) => ({
    id: `${stream}@${index + 1}`,
    stream,
    version: index + 1,
    type,
    at: iso(at ?? start + index * second),
    recordedAt: iso(at ?? start + index * second),
    actor: 'test',
    data,
    hash: '',
  }))
}
const incidentOf = (...events: Parameters<typeof history>[1][]) => reduceIncident(history('incident/shop/7', ...events))
const opened = {
  type: 'incident.opened',
  data: { service: 'shop', code: '7K42', number: 7, onsetAt: iso(start - 5_000) },
}
const assessed = (severity: string | null, at?: number) => ({
  type: 'incident.assessed',
  data: { service: 'shop', severity, reasons: [] },
  ...(at === undefined ? {} : { at }),
})

let ids = 0
const signal = (over: Partial<Signal> = {}): Signal => ({
  id: `s${(ids += 1)}`,
  key: 'errors',
  source: 'test',
  measured: true,
  service: 'shop',
  status: 'firing',
  at: iso(start),
  summary: 'x',
  symptoms: [],
  labels: {},
  links: [],
  ...over,
})
const observed = (data: object, at?: number) => ({ type: 'signal.observed', data, ...(at === undefined ? {} : { at }) })

describe('signals', () => {
  test('what was said before a reopening is over, and is not said anew by a late repetition', () => {
    const before = signal({ key: 'before' })
    const reopened = { type: 'incident.reopened', data: { service: 'shop', why: 'again' } }
    const incident = incidentOf(opened, observed(before), reopened, observed(signal()), observed(before))
    expect([...incident.signals.keys(), incident.firing]).toEqual(['errors', 1])
  })

  test('the same id twice counts once, a new id on the same key counts on', () => {
    const first = signal()
    const incident = incidentOf(observed(first), observed(first), observed(signal()))
    expect(incident.signals.get('errors')).toMatchObject({ count: 2, firstAt: start, lastAt: start + 2 * second })
  })

  test('repeats of a known signal are added, and the signal itself is not counted again', () => {
    const first = signal()
    const incident = incidentOf(
      observed(first),
      observed({ ...first, repeats: 5 }),
      observed({ ...signal(), repeats: 3 }),
    )
    expect(incident.signals.get('errors')?.count).toBe(1 + 5 + 4)
  })

  test('all signals of one batch are folded', () => {
    const incident = incidentOf(
      observed({ ...signal({ key: 'a' }), also: [signal({ key: 'b' }), signal({ key: 'c' })] }),
    )
    expect([...incident.signals.keys()]).toEqual(['a', 'b', 'c'])
    expect(incident.firing).toBe(3)
  })

  test('an older word that comes late counts, and does not undo a newer one', () => {
    const incident = incidentOf(
      observed(signal({ status: 'resolved', at: iso(start + 60_000) }), start + 60_000),
      observed(signal({ status: 'firing', at: iso(start) }), start + 61_000),
    )
    expect(incident.signals.get('errors')).toMatchObject({ count: 2, signal: { status: 'resolved' } })
    expect(incident.firing).toBe(0)
  })

  test('a word of a time that was still to come is no newer one: the clock was set back, and the order counts', () => {
    const incident = incidentOf(
      observed(signal({ status: 'resolved', at: iso(start + 600_000) }), start + 600_000),
      observed(signal({ status: 'firing', at: iso(start) }), start),
    )
    expect(incident.firing).toBe(1)
  })

  test('a key that was well in between has fired since it began again, not since it was first heard', () => {
    const incident = incidentOf(
      observed(signal({ status: 'resolved' })),
      observed(signal()),
      observed(signal()),
      observed(signal({ status: 'resolved' })),
      observed(signal(), start + 3_600_000),
      observed(signal(), start + 3_660_000),
    )
    expect(incident.signals.get('errors')).toMatchObject({ count: 6, firstAt: start + 3_600_000 })
  })

  test('it is quiet since the last firing key resolved, and not while one fires', () => {
    const steps = [
      observed(signal({ key: 'a' })),
      observed(signal({ key: 'b' })),
      observed(signal({ key: 'a', status: 'resolved' })),
    ]
    expect(incidentOf(...steps)).toMatchObject({ firing: 1 })
    expect(incidentOf(...steps).quietSince).toBeUndefined()
    const quiet = incidentOf(
      ...steps,
      observed(signal({ key: 'b', status: 'resolved' })),
      observed(signal({ key: 'b', status: 'resolved' })),
    )
    expect(quiet).toMatchObject({ firing: 0, quietSince: start + 3 * second })
    expect(
      incidentOf(...steps, observed(signal({ key: 'b', status: 'resolved' })), observed(signal({ key: 'c' })))
        .quietSince,
    ).toBeUndefined()
  })

  test('ten thousand signals fold in milliseconds, as a mutable fold does', () => {
    const events = history(
      'incident/shop/7',
      ...Array.from({ length: 10_000 }, (_, index) => observed(signal({ key: `k${index % 50}` }))),
    )
    const costs = Array.from({ length: 3 }, () => {
      const begin = process.cpuUsage()
      reduceIncident(events)
      return process.cpuUsage(begin).user / 1_000
    })
    // A copy per event takes seconds here.
    expect(Math.min(...costs)).toBeLessThan(150)
  })
})

describe('severity', () => {
  test('a deadline counts from the raise to that level, and a raise enters every level on the way', () => {
    const incident = incidentOf(opened, assessed('P2'), assessed('P0'))
    expect(incident.raisedAt).toEqual({
      P3: start + second,
      P2: start + second,
      P1: start + 2 * second,
      P0: start + 2 * second,
    })
  })

  test('going down keeps the times, going up again counts afresh', () => {
    const incident = incidentOf(opened, assessed('P1'), assessed('P3'), assessed('P1'))
    expect(incident.raisedAt).toEqual({ P3: start + second, P2: start + 3 * second, P1: start + 3 * second })
    expect(incident.worst).toBe('P1')
  })

  test('the same level again is no raise', () => {
    expect(incidentOf(opened, assessed('P1'), assessed('P1')).raisedAt.P1).toBe(start + second)
  })

  test('the worst stays when the level ends', () => {
    expect(incidentOf(opened, assessed('P0'), assessed(null))).toMatchObject({ severity: null, worst: 'P0' })
  })

  test('a pin is set and taken off', () => {
    const pin = (severity: string | null) => ({
      type: 'severity.pinned',
      data: { service: 'shop', severity, by: 'mia' },
    })
    expect(incidentOf(opened, pin('P1')).pinned).toEqual({ severity: 'P1', by: 'mia', at: start + second })
    expect(incidentOf(opened, pin('P1'), pin(null)).pinned).toBeUndefined()
  })
})

describe('the course of an incident', () => {
  const acknowledged = (severity: string, by = 'mia') => ({
    type: 'incident.acknowledged',
    data: { service: 'shop', by, severity, until: iso(start + 1_800_000) },
  })

  test('an opening that says little is filled up from the stream and the event', () => {
    const incident = incidentOf(
      { type: 'incident.opened', data: { service: 'shop' } },
      { type: 'incident.assessed', data: { severity: 'P0' } },
    )
    expect(incident).toMatchObject({
      code: '',
      service: 'shop',
      number: 7,
      onsetAt: start,
      openedAt: start,
      severity: 'P0',
      reasons: [],
    })
  })

  test('open, mitigated, resolved, reopened: what has ended is gone, what happened is kept', () => {
    const mitigated = { type: 'incident.mitigated', data: { service: 'shop', how: 'rollback' } }
    const resolved = { type: 'incident.resolved', data: { service: 'shop', by: 'responder', why: 'well' } }
    const verified = { type: 'rollback.verified', data: { service: 'shop', plan: 'p', to: { version: 1, image: 'i' } } }
    const before = incidentOf(opened, assessed('P0'), acknowledged('P0'), mitigated, verified, resolved)
    expect(before).toMatchObject({
      status: 'resolved',
      mitigatedAt: start + 3 * second,
      verifiedAt: start + 4 * second,
      resolvedAt: start + 5 * second,
    })
    const found = [
      { type: 'impact.estimated', data: { service: 'shop' } },
      { type: 'evidence.captured', data: { service: 'shop', items: [] } },
      { type: 'release.suspected', data: { service: 'shop', verdict: 'suspected', tests: [] } },
    ]
    const after = incidentOf(opened, assessed('P1'), acknowledged('P1'), mitigated, verified, resolved, ...found, {
      type: 'incident.reopened',
      data: { service: 'shop', why: 'again' },
    })
    expect(after).toMatchObject({ status: 'open', reopened: 1, onsetAt: start + 9 * second })
    const of = ['impact', 'evidence', 'suspicion', 'suspectedAt']
    for (const gone of ['mitigatedAt', 'verifiedAt', 'resolvedAt', 'acknowledgement', ...of])
      expect(after).not.toHaveProperty(gone)
    expect(after.raisedAt).toEqual({ P3: start + 9 * second, P2: start + 9 * second, P1: start + 9 * second })
  })

  test('a mitigation that ends after the resolution does not open it again', () => {
    expect(incidentOf(opened, { type: 'incident.resolved' }, { type: 'incident.mitigated' }).status).toBe('resolved')
  })

  test('a regression takes the mitigation back', () => {
    const finished = (outcome: string) => ({
      type: 'mitigation.finished',
      data: { service: 'shop', action: 'rollback', outcome, why: '' },
    })
    const incident = incidentOf(opened, { type: 'incident.mitigated' }, finished('verified'), finished('regressed'))
    expect(incident.status).toBe('open')
    expect(incident.mitigatedAt ?? incident.verifiedAt).toBeUndefined()
    expect(incident.mitigations.map(({ outcome }) => outcome)).toEqual(['verified', 'regressed'])
  })

  test('an acknowledgement covers the raise that it follows on record, though its clock was behind', () => {
    const behind = { ...acknowledged('P0'), at: start - 30 * second }
    const { acknowledgement, raisedAt } = incidentOf(opened, assessed('P0'), behind)
    expect(acknowledgement?.at).toBe(raisedAt.P0)
    const raised = incidentOf(opened, assessed('P1'), acknowledged('P1'), assessed('P0'))
    expect(raised.acknowledgement?.at).toBeLessThan(raised.raisedAt.P0!)
  })

  test('an acknowledgement for a worse level is not taken back by a late one for a lesser', () => {
    expect(incidentOf(opened, acknowledged('P0'), acknowledged('P1', 'tom')).acknowledgement).toMatchObject({
      by: 'mia',
      severity: 'P0',
    })
    expect(incidentOf(opened, acknowledged('P1'), acknowledged('P0', 'tom')).acknowledgement).toMatchObject({
      by: 'tom',
    })
    const lapsed = { type: 'incident.acknowledgementLapsed', data: { service: 'shop', by: 'mia', severity: 'P0' } }
    expect(incidentOf(opened, acknowledged('P0'), lapsed).acknowledgement?.lapsed).toBe(true)
    expect(incidentOf(opened, acknowledged('P0'), lapsed, acknowledged('P1', 'tom')).acknowledgement).toMatchObject({
      by: 'tom',
    })
  })

  test('an approval is decided once', () => {
    const asked = {
      type: 'approval.requested',
      data: { service: 'shop', approval: 'a', action: 'rollback', digest: 'd', why: '', expiresAt: iso(start) },
    }
    const decided = (type: string, by: string) => ({ type, data: { service: 'shop', approval: 'a', digest: 'd', by } })
    const incident = incidentOf(opened, asked, decided('approval.denied', 'mia'), decided('approval.granted', 'tom'))
    expect(incident.approvals.get('a')).toMatchObject({ decision: 'denied', by: 'mia' })
  })

  test('an event seen before changes nothing, an unknown type only counts', () => {
    const [first, second_, third] = history(
      'incident/shop/7',
      opened,
      { type: 'note.added', data: { by: 'mia', text: 'x' } },
      { type: 'newer.thing', data: { any: 1 } },
    )
    const incident = emptyIncident('incident/shop/7')
    for (const event of [first!, second_!, second_!, first!, third!]) applyEvent(incident, event)
    expect(incident.notes).toHaveLength(1)
    expect(incident.version).toBe(3)
  })

  test('types named like what all objects have are no handlers', () => {
    expect(incidentOf({ type: 'constructor' }, { type: '__proto__' }, { type: 'toString' }).version).toBe(3)
  })
})

describe('claims', () => {
  const started = (attempt: number, owner: string) => ({
    type: 'action.started',
    data: {
      key: 'k',
      part: 'p',
      attempt,
      owner,
      deadline: iso(start + 30_000),
      effect: { n: attempt },
      why: '',
      idempotencyKey: 'i',
    },
  })
  const renewed = (attempt: number, owner: string) => ({
    type: 'action.renewed',
    data: { key: 'k', attempt, owner, deadline: iso(start + 60_000) },
  })
  const finished = (attempt: number, outcome: string) => ({
    type: 'action.finished',
    data: { key: 'k', attempt, outcome },
  })
  const action = (...events: { type: string; data?: object }[]) => incidentOf(...events).actions.get('k')

  test('only the current owner and attempt renew, and only until the end', () => {
    expect(action(started(1, 'a'), renewed(1, 'a'))?.deadlineAt).toBe(start + 60_000)
    expect(action(started(1, 'a'), renewed(1, 'b'))?.deadlineAt).toBe(start + 30_000)
    expect(action(started(1, 'a'), started(2, 'b'), renewed(1, 'a'))?.deadlineAt).toBe(start + 30_000)
    expect(action(started(1, 'a'), finished(1, 'done'), renewed(1, 'a'))?.deadlineAt).toBe(start + 30_000)
  })

  test('a zombie cannot finish what another has taken over, nor change how it ended', () => {
    expect(action(started(1, 'a'), started(2, 'b'), finished(1, 'failed'))?.finished).toBeUndefined()
    expect(action(started(1, 'a'), finished(1, 'done'), finished(1, 'failed'))?.finished?.outcome).toBe('done')
  })

  test('a decision without a claim is finished at once', () => {
    expect(action(finished(1, 'done'))).toMatchObject({ owner: '', attempt: 1, finished: { outcome: 'done' } })
  })
})

describe('a service', () => {
  test('it remembers changes of a key, not repetitions', () => {
    const record = reduceService(
      'service/shop',
      history(
        'service/shop',
        observed(signal()),
        observed(signal()),
        observed(signal({ status: 'resolved' })),
        observed({ ...signal(), also: [signal({ key: 'b' })] }),
      ),
    )
    expect(record.flaps.get('errors')).toEqual([start, start + 2 * second, start + 3 * second])
    expect(record.flaps.get('b')).toHaveLength(1)
  })

  test('what was charged is over when it is settled, and only that', () => {
    const charged = (action: string, incident: string) => ({
      type: 'ledger.charged',
      data: { service: '*', action, key: `${incident}/${action}`, incident },
    })
    const record = reduceService(
      'service/*',
      history(
        'service/*',
        charged('rollback/v3/unit/m1', 'incident/shop/1'),
        charged('rollback/v3.2/unit/m1', 'incident/shop/1'),
        charged('rollback/v3/unit/m1', 'incident/api/1'),
        { type: 'ledger.settled', data: { service: 'shop', action: 'rollback/v3', incident: 'incident/shop/1' } },
      ),
    )
    expect(record.charges.map(({ over }) => over)).toEqual([true, undefined, undefined])
  })

  test('charges older than a day are forgotten, a refuted suspicion asks for approval for a day', () => {
    const day = 24 * 3_600_000
    const charged = (key: string, at: number) => ({
      type: 'ledger.charged',
      data: { service: 'shop', action: 'rollback', key },
      at,
    })
    const record = reduceService(
      'service/shop',
      history('service/shop', charged('a', start), charged('b', start + day - 1), charged('c', start + day), {
        type: 'mitigation.finished',
        data: { outcome: 'refuted' },
        at: start,
      }),
    )
    expect(record.charges.map(({ key }) => key)).toEqual(['b', 'c'])
    expect(record.approveUntil).toBe(start + day)
  })
})

test('an image is quarantined by its digest under whatever tag, until a person lifts it', () => {
  const bad = (data: object) => ({
    type: 'release.quarantined',
    data: { service: 'shop', version: 3, reason: 'left', ...data },
  })
  const both = [bad({ image: 'shop:3', digest: 'sha256:b' }), bad({ image: 'shop:4', digest: 'sha256:c' })]
  const lifted = bad({ image: 'shop:other-tag', digest: 'sha256:b', lifted: true })
  expect(reduceService('service/shop', history('service/shop', ...both)).quarantined).toHaveLength(2)
  expect(reduceService('service/shop', history('service/shop', ...both, lifted)).quarantined).toMatchObject([
    { digest: 'sha256:c' },
  ])
})

describe('a desk', () => {
  const requested = { type: 'page.requested', data: { request: 'r', to: 'manager', severity: 'P0' } }
  const sent = {
    type: 'page.sent',
    data: { requests: ['r'], to: 'manager', notifier: 'sms', receipt: { state: 'accepted', id: 'm1' } },
  }

  test('a page knows when it first went out, whatever is sent later', () => {
    const again = { ...sent, at: start + 60 * second }
    const desk = reduceDesk('desk/manager/2026-11-23', history('desk/manager/2026-11-23', requested, sent, again))
    expect(desk.pages.get('r')).toMatchObject({ sentAt: start + second })
    expect(desk.pages.get('r')?.sent).toHaveLength(2)
  })

  test('a page is asked for once, and a later word on its delivery is kept with it', () => {
    const delivered = {
      type: 'page.delivered',
      data: { to: 'manager', notifier: 'sms', receipt: { state: 'delivered', id: 'm1' } },
    }
    const desk = reduceDesk(
      'desk/manager/2026-11-23',
      history('desk/manager/2026-11-23', requested, requested, sent, delivered),
    )
    expect(desk).toMatchObject({ role: 'manager', day: '2026-11-23' })
    expect(desk.pages.get('r')).toMatchObject({
      requestedAt: start,
      sent: [{ receipt: { state: 'delivered', id: 'm1' } }],
    })
  })
})

describe('summaries', () => {
  const fold = (...events: { type: string; data?: object }[]) => {
    const states: IncidentSummary[] = []
    for (const event of history('incident/shop/7', ...events)) states.push(summarize(states.at(-1), event)!)
    return states.at(-1)!
  }

  test('what a list shows is what the fold says', () => {
    const events = [
      opened,
      assessed('P2'),
      assessed('P0'),
      { type: 'incident.acknowledged', data: { severity: 'P0' } },
      { type: 'incident.mitigated' },
      assessed(null),
      { type: 'incident.resolved' },
    ]
    const incident = incidentOf(...events)
    expect(fold(...events)).toEqual({
      stream: incident.stream,
      code: '7K42',
      service: 'shop',
      number: 7,
      status: 'resolved',
      severity: null,
      worst: 'P0',
      onsetAt: iso(incident.onsetAt),
      openedAt: iso(incident.openedAt),
      updatedAt: iso(incident.lastEventAt),
      acknowledgedAt: iso(start + 3 * second),
      mitigatedAt: iso(incident.mitigatedAt!),
      resolvedAt: iso(incident.resolvedAt!),
      version: 7,
    })
  })

  test('reopened, it is open and has not been mitigated or resolved', () => {
    const summary = fold(
      opened,
      { type: 'incident.mitigated' },
      { type: 'incident.resolved' },
      { type: 'incident.reopened' },
    )
    expect(summary.status).toBe('open')
    expect(summary).not.toHaveProperty('resolvedAt')
    expect(summary).not.toHaveProperty('mitigatedAt')
  })

  test('an event seen before changes nothing, another kind of stream has no summary', () => {
    const [first, later] = history('incident/shop/7', opened, assessed('P1'))
    const summary = summarize(summarize(undefined, first!), later!)
    expect(summarize(summary, first!)).toBe(summary)
    expect(summarize(undefined, history('service/shop', opened)[0]!)).toBeUndefined()
  })
})
