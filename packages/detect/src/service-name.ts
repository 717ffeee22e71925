import { InvalidInput } from '@firebreak/core'

/* oxlint-disable no-control-regex -- that is what they look for */
const notInName = /[/\u0000-\u001f\u007f-\u009f\u2028\u2029]/
const allNotInName = new RegExp(notInName, 'g')
/* oxlint-enable no-control-regex */
const longest = 100

/** A service's name stands between two slashes of a stream's name. What cannot stand there is replaced. */
export function serviceName(text: string): string {
  if (/^\w[\w.:-]{0,99}$/.test(text)) return text
  const safe = text.slice(0, longest).toWellFormed().replaceAll(allNotInName, '-')
  // '*' stands for every service.
  return ['.', '..', '', '*'].includes(safe) ? `service-${safe}` : safe
}

/** The name that whoever sets us up gives: refused where it cannot be used. */
export function checkService(service: string, hint: string): string {
  if (typeof service !== 'string' || service === '') throw new InvalidInput('service', `is missing: ${hint}`)
  if (serviceName(service) !== service)
    throw new InvalidInput('service', `must be a name of at most ${longest} characters, without / and on one line`)
  return service
}
