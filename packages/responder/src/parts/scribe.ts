import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Incident, Part, RecordedEvent } from '@firebreak/core'
import { postmortemBlanks, renderPostmortem } from '@firebreak/postmortem'

/** Step 6: drafts the post-mortem from the log as soon as an incident is resolved; a reopened one is drafted again. */
export function createScribe({ directory }: { readonly directory: string }): Part {
  return {
    name: 'scribe',
    plan(incident) {
      if (incident.status !== 'resolved' || !isWorthIt(incident)) return []
      const key = `post-mortem/${incident.reopened + 1}`
      return [{ key, why: 'resolved: the draft is written while the facts are fresh', effect: { directory } }]
    },
    async perform(_action, context) {
      const { subject } = context
      const events: RecordedEvent[] = []
      for await (const event of context.history()) events.push(event)
      await mkdir(directory, { recursive: true })
      const files = [join(directory, `${subject.code}.md`), join(directory, `${subject.code}.html`)]
      await writeFile(files[0]!, renderPostmortem(events, { format: 'markdown' }))
      await writeFile(files[1]!, renderPostmortem(events, { format: 'html' }))
      const blanks = postmortemBlanks(events).length
      return {
        events: [{ type: 'postmortem.drafted', actor: 'scribe', data: { service: subject.service, files, blanks } }],
      }
    },
  }
}

/** A P3 that came and went needs no paper. */
function isWorthIt({ worst }: Readonly<Incident>): boolean {
  return worst !== null && worst !== 'P3'
}
