import { InvalidInput, required } from '@firebreak/core'

/** Where an adapter sends to, and what of it must never be read in an error. */
export interface Target {
  /** In front of every error: 'slack', 'discord', … */
  readonly name: string
  readonly secrets: readonly string[]
}

/** An address given as an option; an unset or unusable one is refused without repeating it: it may be the secret. */
export function addressOf(value: string | undefined, option: string, where: string): URL {
  const address = required(value, option, where)
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new InvalidInput(option, `is not an http(s) address; pass the one that the target showed to ${where}`)
  // fetch refuses such an address each time: no page could ever be sent.
  if (url.username !== '' || url.password !== '')
    throw new InvalidInput(
      option,
      'holds a user name or a password, and no request is sent with those in its address: take them out, and give an authorization in the headers of webhookNotifier, or the token of the target',
    )
  return url
}

/** The parts of an address that let others write to it: its path, its query. */
export function secretsIn(url: URL): string[] {
  const segments = url.pathname.split('/').filter((segment) => segment.length >= 6)
  return [url.pathname, ...segments, url.search, ...url.searchParams.values()].filter((part) => part.length >= 6)
}

/** Takes known secrets out of a text that a target or the network gave us. */
export function withoutSecrets(text: string, { secrets }: Target): string {
  let result = text
  for (const secret of secrets.toSorted((left, right) => right.length - left.length)) {
    if (secret.length < 3) continue
    result = result.replaceAll(secret, '[redacted]').replaceAll(encodeURIComponent(secret), '[redacted]')
  }
  return result
}
