import { NotifyError, redactSecrets } from '@firebreak/core'

/** Whatever a notifier threw, as one kind of error. Only a `NotifyError` says that nothing was sent. */
export function failureOf(error: unknown, notifier: string): NotifyError {
  if (isNotifyError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = codeIn(error)
  const outcome = code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'transient' : 'ambiguous'
  const named = `${notifier} broke off: ${redactSecrets(message).slice(0, 200)}${code === undefined ? '' : ` (${code})`}`
  return new NotifyError({ outcome, message: named })
}

/** By shape: the notifier may use another copy of core. */
function isNotifyError(error: unknown): error is NotifyError {
  if (error instanceof NotifyError) return true
  const { code, outcome } = (error ?? {}) as { code?: unknown; outcome?: unknown }
  return code === 'NOTIFY_FAILED' && typeof outcome === 'string'
}

function codeIn(error: unknown): string | undefined {
  let current: unknown = error
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    const { code, cause } = current as { code?: unknown; cause?: unknown }
    if (typeof code === 'string' && code.startsWith('E')) return code
    current = cause
  }
  return undefined
}
