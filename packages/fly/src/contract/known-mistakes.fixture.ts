import type { Deviation } from './specification.fixture.ts'

/** Where Fly's published specification is known to be wrong or silent, and what is true instead. */
export interface KnownMistake {
  readonly operation: RegExp
  readonly part: Deviation['part']
  readonly detail: RegExp
  readonly truth: string
}

/** The one table of exceptions: each row a row of the fact sheet's list of mistakes. A row that nothing needs fails the proof. */
export const knownMistakes: readonly KnownMistake[] = [
  {
    operation: /^(get|post) .*\/lease$/,
    part: 'answer',
    detail: /^ (status|data): must NOT have additional properties$/,
    truth: 'a lease comes wrapped in { status, data }',
  },
  {
    operation: /machines/,
    part: 'answer',
    detail: /\/services\/\*\/autostop: must be (string|equal to one of the allowed values)/,
    truth: 'answers carry booleans for autostop',
  },
  {
    operation: /machines/,
    part: 'request',
    detail: /\/services\/\*\/autostop: must be (string|equal to one of the allowed values)/,
    truth: 'what was read is written back, and booleans are taken too',
  },
  {
    operation: /machines/,
    part: 'answer',
    detail: /\/force_instance_key: must be string$/,
    truth: 'usually null: flyctl writes the key in every service',
  },
  {
    operation: /machines/,
    part: 'request',
    detail: /\/force_instance_key: must be string$/,
    truth: 'what was read is written back',
  },
  {
    operation: /machines/,
    part: 'answer',
    detail: /^(\/\*|\/machines\/\*)? (version|cordoned|lease): must NOT have additional properties$/,
    truth: 'Machine has version, cordoned and (asked for with include_leases) lease',
  },
  {
    operation: /^get \/apps\/\{app_name\}\/machines$/,
    part: 'query',
    detail: /^(include_leases|metadata\.\w+) is not described$/,
    truth: 'documented, or in a later edition of the specification',
  },
  {
    operation: /\/restart$/,
    part: 'query',
    detail: /^force_stop is not described$/,
    truth: 'flyctl sends it',
  },
  {
    operation: /^delete \/apps\/\{app_name\}$/,
    part: 'query',
    detail: /^force is not described$/,
    truth: 'documented',
  },
  {
    operation: /^get \/apps(\/\{app_name\})?$/,
    part: 'answer',
    detail: /(cname_target|app_role): must NOT have additional properties$/,
    truth: 'App has cname_target and app_role',
  },
  {
    operation: /./,
    part: 'status',
    detail: /^(401|403|404|408|409|412|422|429)$/,
    truth: 'real and undescribed nearly everywhere',
  },
]

export function explains(mistake: KnownMistake, deviation: Deviation): boolean {
  return (
    mistake.part === deviation.part &&
    mistake.operation.test(deviation.operation) &&
    mistake.detail.test(deviation.detail)
  )
}
