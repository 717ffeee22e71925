import { FirebreakError, redactSecrets } from '@firebreak/core'

/** RFC 9457. `code` is the one to branch on. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export function problemResponse({ status, code, title, detail, headers }: Problem): Response {
  const body = JSON.stringify({ type: 'about:blank', title, status, code, ...(detail ? { detail } : {}) })
  return new Response(body, {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  })
}

/** Thrown by a route to answer with a problem. */
export class HttpProblem extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.title)
    this.name = 'HttpProblem'
    this.problem = problem
  }
}

const statusOf: Readonly<Record<string, number>> = {
  INVALID_INPUT: 400,
  UNKNOWN_INCIDENT: 404,
  UNKNOWN_APPROVAL: 404,
  UNKNOWN_HOLD: 404,
  UNKNOWN_SILENCE: 404,
  INCIDENT_RESOLVED: 409,
  APPROVAL_USED: 409,
  PLAN_CHANGED: 409,
}

const unavailable = 'the incident log does not answer: try again'

/** What went wrong, as the sender may know it. What is ours to mend is a 503 without details: he sends it again. */
export function problemOf(error: unknown): Problem {
  if (error instanceof HttpProblem) return error.problem
  if (FirebreakError.isInstance(error)) {
    const hinted = (error as { status?: unknown }).status
    const status = statusOf[error.code] ?? (typeof hinted === 'number' && hinted >= 400 && hinted < 500 ? hinted : 503)
    // Its words are for us, who find them in our log: they may name files and servers.
    return { status, code: error.code, title: status === 503 ? unavailable : redactSecrets(error.message) }
  }
  return { status: 503, code: 'UNAVAILABLE', title: unavailable }
}
