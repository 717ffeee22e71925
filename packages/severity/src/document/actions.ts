import type { PolicyAction } from '../policy.ts'

type Deed = PolicyAction['does']

/** In this order: "Log incident details" is a log, "Plan fix for next deployment" a plan. */
const deeds: readonly (readonly [Deed, RegExp])[] = [
  ['rollback', /\broll(?:ing)?[- ]?back\b/i],
  ['notify', /\b(?:notif(?:y|ies|ication)|page|alert|call|inform)\b/i],
  ['schedule', /\b(?:development cycle|backlog|schedule)\b/i],
  ['plan', /\bplan\b/i],
  ['log', /\b(?:log|record|document|track)\b/i],
  ['investigate', /\binvestigat(?:e|ion)\b/i],
  ['assess', /\b(?:assess|estimate|scope)\b/i],
  ['mitigate', /\b(?:mitigat(?:e|ion)|restart|scale|isolate)\b/i],
]

function recogniseDeed(text: string): Deed | undefined {
  return deeds.find(([, pattern]) => pattern.test(text))?.[0]
}

/** The runbook's line; where the line alone would be read as something else, what it does stands before it. */
export function actionText({ does, text }: PolicyAction): string {
  return recogniseDeed(text) === does && !explicit.test(text) ? text : `**${does}**: ${text}`
}

const explicit = /^\*\*(\w+)\*\*: (.*)$/

export function readAction(line: string): PolicyAction | undefined {
  const match = explicit.exec(line)
  const named = deeds.find(([deed]) => deed === match?.[1])?.[0]
  if (match !== null && named !== undefined) return { does: named, text: match[2] ?? '' }
  const does = recogniseDeed(line)
  return does === undefined ? undefined : { does, text: line }
}
