import { InvalidInput } from '@firebreak/core'
import { allScopes, type HttpOptions, type Token } from './options.ts'

const hookNames = ['alertmanager', 'grafana', 'sentry', 'pagerduty', 'standard']
/** As much as is read of an `Authorization` header. */
const longestToken = 512

/** Refuses what could never let anybody in, or would let in the wrong one. Secrets are named by their token, never shown. */
export function checkHttp(http: HttpOptions): void {
  const { publicUrl, token, tokens, hooks = {}, prometheus } = http
  if (!URL.canParse(publicUrl) || !/^https?:$/.test(new URL(publicUrl).protocol))
    throw new InvalidInput(
      'http.publicUrl',
      'is not an address: give the one under which people reach it, such as https://ops.example.com/firebreak',
    )
  if (token !== undefined && tokens !== undefined)
    throw new InvalidInput('http.token', 'is given beside http.tokens: give one of the two')
  if (token) checkSecret(token, 'http.token')
  checkTokens(tokens ?? [])
  for (const [name, intake] of Object.entries(hooks)) {
    if (!hookNames.includes(name))
      throw new InvalidInput(`http.hooks.${name.slice(0, 40)}`, `is no hook: there are ${hookNames.join(', ')}`)
    checkIntake(intake, `http.hooks.${name}`)
  }
  checkIntake(prometheus, 'http.prometheus')
}

function checkTokens(tokens: readonly Token[]): void {
  if (!Array.isArray(tokens)) throw new InvalidInput('http.tokens', 'is not a list: give [{ name, secret, scopes }]')
  for (const [index, token] of (tokens as unknown[]).entries()) {
    const { name } = (token ?? {}) as { name?: unknown }
    if (typeof name !== 'string' || name === '')
      throw new InvalidInput(`http.tokens[${index}]`, 'is no token: give { name, secret, scopes }')
  }
  const seen = new Map<string, string>()
  for (const { name, secret, scopes } of tokens) {
    const option = `http.tokens (${name})`
    if (secret) checkSecret(secret, option)
    if (!Array.isArray(scopes) || scopes.length === 0)
      throw new InvalidInput(option, `has no scopes: give some of ${allScopes.join(', ')}`)
    const unknown = scopes.find((scope) => !allScopes.includes(scope))
    if (unknown !== undefined)
      throw new InvalidInput(
        option,
        `has the scope ${String(unknown).slice(0, 40)}, which is none of ${allScopes.join(', ')}`,
      )
    const other = seen.get(secret)
    if (other !== undefined)
      throw new InvalidInput(option, `has the same secret as ${other}: the log could not tell them apart`)
    seen.set(secret, name)
  }
}

/** What stands in a header: a secret read from a file often brings its line break along, and would fit nobody's request. */
function checkSecret(secret: string, option: string): void {
  if (typeof secret !== 'string' || !/^[\x21-\x7e]+$/.test(secret))
    throw new InvalidInput(option, 'holds a space, a line break or something else that no header carries: take it out')
  if (secret.length > longestToken) throw new InvalidInput(option, `is longer than ${longestToken} characters`)
}

function checkIntake(intake: unknown, option: string): void {
  if (intake !== undefined && typeof intake !== 'function')
    throw new InvalidInput(option, 'is no intake: give one of @firebreak/detect, such as grafanaIntake({ secret })')
}
