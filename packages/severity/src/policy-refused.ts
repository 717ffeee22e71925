import { FirebreakError, type Severity } from '@firebreak/core'

export type PolicyProblemCode =
  | 'POLICY_GAP'
  | 'POLICY_OVERLAP'
  | 'POLICY_UNORDERED'
  | 'POLICY_NO_RESPONSE_TIME'
  | 'POLICY_IMPOSSIBLE_BURN_RATE'

/** Something in a policy that would judge wrongly, or not at all. */
export interface PolicyProblem {
  readonly code: PolicyProblemCode
  /** Where: 'errorRate', 'capacity.disk', 'burnRate', … */
  readonly rule: string
  /** The levels that do not fit together, worst first. */
  readonly levels: readonly Severity[]
  /** One line that names them and says what to do. */
  readonly message: string
}

/** A policy that contradicts itself. `problems` has all that was found; the message tells the first. */
export class PolicyRefused extends FirebreakError<PolicyProblemCode> {
  readonly problems: readonly PolicyProblem[]

  constructor(problems: readonly [PolicyProblem, ...PolicyProblem[]]) {
    const [{ code, message }, ...others] = problems
    super({ code, message: others.length === 0 ? message : `${message} (and ${others.length} more)` })
    this.name = 'PolicyRefused'
    this.problems = problems
  }
}
