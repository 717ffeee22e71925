import { isEvent, type RecordedEvent } from '@firebreak/core'
import { blank, type Block, type Cell, fact, type Section } from '../report.ts'
import { imageName, items, said } from '../said.ts'
import { ruleName } from '../summaries/incident.ts'
import { capital, stepNames } from './response.ts'
import type { Material } from './material.ts'

export function lessonsSection({ said: tell }: Material): Section {
  return {
    id: 'lessons',
    title: 'Lessons',
    blocks: [
      ...tell.all('note.added').map((event) => fact(`${capital(tell.event(event))}.`, event)),
      blank('What went well', 'Keep it: what helped, and should stay as it is?'),
      blank('What went badly', 'What cost time, or made it worse?'),
      blank('Where we got lucky', 'What would have made this much worse, and did not happen by chance?'),
    ],
  }
}

/** What the log itself says is left to do. Owner and date are never guessed. */
export function actionsSection({ events }: Material): Section {
  const marked = events.flatMap((event) => {
    const task = taskOf(event)
    return task === undefined ? [] : [row({ text: task.what, sources: [event] }, task.type)]
  })
  const own = row({ blank: 'what prevents this from happening again' }, 'prevent')
  return {
    id: 'actions',
    title: 'Action items',
    blocks: [
      {
        kind: 'table',
        caption: 'Each needs an owner and a date before the review ends',
        head: ['What', 'Type', 'Owner', 'Due'],
        rows: [...marked, own],
      },
      blank('Runbook', 'What has to change in the runbook, or why nothing has to?'),
    ],
  }
}

function row(what: Cell, type: string): readonly Cell[] {
  return [what, { text: type }, { blank: 'owner' }, { blank: 'date' }]
}

function taskOf(event: RecordedEvent): { readonly what: string; readonly type: string } | undefined {
  if (isEvent(event, 'release.quarantined')) {
    const { version, image } = event.data
    return { what: `Mend or replace v${said(version)} ${imageName(image)}, which is quarantined`, type: 'prevent' }
  }
  if (isEvent(event, 'action.finished') && event.data.outcome === 'uncertain')
    return { what: `Find out how ${said(event.data.key)} ended: it is uncertain`, type: 'mitigate' }
  if (isEvent(event, 'evidence.captured') && items(event.data.missing).length > 0)
    return {
      what: `See to it that this evidence can be saved: ${items(event.data.missing)
        .map((it) => said(it))
        .join(', ')}`,
      type: 'process',
    }
  if (isEvent(event, 'escalation.exhausted'))
    return { what: 'Find out why nobody on the route answered', type: 'process' }
  if (isEvent(event, 'page.failed') && event.data.retryAt === undefined)
    return { what: `Mend the page to ${said(event.data.to)} by ${said(event.data.notifier)}`, type: 'process' }
  return undefined
}

/** What nobody knows yet, as far as the log can tell. */
export function questionsSection({ events, measures, said: tell }: Material): Section {
  const unknown = measures.measures.filter(({ ms }) => ms === null).map(({ name }) => stepNames[name].toLowerCase())
  const assessed = events.findLast((event) => isEvent(event, 'incident.assessed'))
  const blocks: Block[] = []
  if (unknown.length > 0)
    blocks.push(fact(`Not in the log: when it was ${unknown.join(', ')}. The durations above say "unknown" there.`))
  if (assessed !== undefined && isEvent(assessed, 'incident.assessed')) {
    for (const { rule, why, settledBy } of items(assessed.data.inconclusive))
      blocks.push(
        fact(`${capital(ruleName(rule))} was not judged: ${said(why)}; settled by ${said(settledBy)}.`, assessed),
      )
  }
  for (const event of tell.all('signal.refused')) blocks.push(fact(`${capital(tell.event(event))}.`, event))
  blocks.push(blank('Open questions', 'What do you still not understand?'))
  return { id: 'questions', title: 'Open questions', blocks }
}
