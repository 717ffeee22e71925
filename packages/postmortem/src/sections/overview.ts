import { isEvent } from '@firebreak/core'
import { elapsed } from '../elapsed.ts'
import { blank, type Block, fact, type Section } from '../report.ts'
import { items, said } from '../said.ts'
import { reasonText } from '../summaries/incident.ts'
import type { Material } from './material.ts'
import { capital } from './response.ts'

export function summarySection({ measures, events, said: tell, stamps, worst, service, code }: Material): Section {
  const blocks: Block[] = [
    fact(
      `Incident ${code} of ${service} reached ${worst}. It began ${tell.time(measures.onsetAt)} and was ${
        stamps.resolved === undefined
          ? 'not resolved when this was written'
          : `resolved ${tell.time(stamps.resolved.event.at)}, ${elapsed(measures.resolveMs)} after it began`
      }.`,
      stamps.opened?.event,
      stamps.resolved?.event,
    ),
  ]
  const assessed = events
    .filter((event) => isEvent(event, 'incident.assessed'))
    .find(({ data }) => data.severity === worst)
  if (assessed !== undefined)
    blocks.push(fact(`Why ${worst}: ${items(assessed.data.reasons).map(reasonText).join('; ')}.`, assessed))
  if (measures.reopened > 0)
    blocks.push(fact(`It was opened again ${measures.reopened} times.`, ...tell.all('incident.reopened')))
  blocks.push(blank('Summary', 'In two sentences, for somebody who was not there: what happened, and what was done.'))
  return { id: 'summary', title: 'Summary', blocks }
}

export function impactSection({ events, said: tell }: Material): Section {
  const last = events.findLast((event) => isEvent(event, 'impact.estimated'))
  return {
    id: 'impact',
    title: 'Impact',
    blocks: [
      last === undefined
        ? fact('Nothing was measured of what users felt.')
        : fact(`${capital(tell.event(last))}.`, last),
      ...tell.all('incident.linked').map((event) => fact(`${capital(tell.event(event))}.`, event)),
      blank('Customers and business', 'Whom did it hurt, and how? What did support hear? What does it cost?'),
    ],
  }
}

export function causeSection({ events, said: tell }: Material): Section {
  const suspicion = events.findLast((event) => isEvent(event, 'release.suspected'))
  const blocks: Block[] = []
  if (suspicion !== undefined && isEvent(suspicion, 'release.suspected')) {
    const tests = Array.isArray(suspicion.data.tests) ? suspicion.data.tests : []
    blocks.push(fact(`The release: ${tell.event(suspicion)}.`, suspicion), {
      kind: 'table',
      caption: 'Is the release to blame? Six tests',
      head: ['Test', 'Answer', 'Why'],
      rows: tests.map(({ test, answer, why }) => [
        { text: testNames[test] ?? said(test) },
        { text: said(answer) },
        { text: said(why), sources: [suspicion] },
      ]),
    })
  } else blocks.push(fact('No release was examined as the cause.'))
  blocks.push(
    blank(
      'Root cause',
      'What in the system made this possible? A suspected release is where to look, not why it failed.',
    ),
    blank('Contributing factors', 'What else had to be so? What surprised you, and why?'),
  )
  return { id: 'cause', title: 'Root cause', blocks }
}

const testNames: Readonly<Partial<Record<string, string>>> = {
  otherCause: 'no other cause',
  goodBefore: 'good before',
}
