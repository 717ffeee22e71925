import { severities } from '@firebreak/core'
import { actionText } from './document/actions.ts'
import { settingsOf } from './document/draft.ts'
import { responseText } from './document/response-time.ts'
import { rows } from './document/rows.ts'
import { settingsTable } from './document/settings.ts'
import { tableLine } from './document/table.ts'
import type { SeverityPolicy } from './policy.ts'

/**
 * The policy as a runbook's Markdown: what each level orders, what has which level, and the numbers behind it. Complete:
 * `parsePolicy` reads the same policy back.
 */
export function renderPolicy(policy: SeverityPolicy): string {
  const levels = severities.map((level) => {
    const { title, summary, response, actions } = policy.levels[level]
    const list = actions.map((action, index) => `${index + 1}. ${actionText(action)}`)
    return [
      `### ${level} - ${title} (${summary})`,
      `**Response Time**: ${responseText(response)}`,
      ['**Actions**:', ...list].join('\n'),
    ].join('\n\n')
  })
  const matrix = rows.map((row) => tableLine([row.label, ...severities.map((level) => row.write(policy, level))]))
  const settings = settingsTable(settingsOf(policy)).map(tableLine)
  const line = (columns: number) => tableLine(Array.from({ length: columns }, () => '---'))
  return `${[
    `# ${policy.name}`,
    '## Incident Severity Levels',
    ...levels,
    '## What has which level',
    [tableLine(['Symptom', ...severities]), line(severities.length + 1), ...matrix].join('\n'),
    '## The numbers behind it',
    [tableLine(['Setting', 'Value']), line(2), ...settings].join('\n'),
  ].join('\n\n')}\n`
}
