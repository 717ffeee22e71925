/**
 * Takes secrets and personal data out of a text before it is stored, shown or thrown. Patterns are linear and bounded:
 * they run on text that attackers write.
 */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/\b(fm1r|fm1a|fm2|fo1)_[\w+/=,-]{8,}/g, '[fly token]'],
  [/\b(FlyV1|Bearer|Basic|GenieKey)\s+[\w.~+/=,-]{6,}/gi, '$1 [redacted]'],
  [/\beyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]{0,}/g, '[jwt]'],
  [/\bxox[abposr]-[\w-]{8,}/g, '[slack token]'],
  [/(hooks\.slack\.com\/services\/)[\w/-]+/g, '$1[redacted]'],
  [/(discord(?:app)?\.com\/api\/webhooks\/\d+\/)[\w-]+/g, '$1[redacted]'],
  [/(api\.telegram\.org\/bot)[\w:-]+/g, '$1[redacted]'],
  [/\b(whsec|sk|pk|rk|ghp|gho|ghs|github_pat|glpat|npm|AKIA|ASIA)[_-]?[A-Za-z0-9_]{16,}/g, '[key]'],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/:@]{0,200}:[^\s/@]{1,200}@/gi, '$1[redacted]@'],
  [
    /\b(password|passwd|pwd|secret|token|api[_-]?key|routing[_-]?key|authorization)(["']?\s{0,3}[=:]\s{0,3}["']?)[^\s"'&,;]{3,}/gi,
    '$1$2[redacted]',
  ],
  [/\b[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}\b/g, '[e-mail]'],
]

const cardCandidate = /\b\d(?:[ -]?\d){12,18}\b/g

/** Secrets only: for errors and logs, where a person's address may be what matters. */
export function redactSecrets(text: string): string {
  return patterns.slice(0, -1).reduce((result, [pattern, instead]) => result.replace(pattern, instead), text)
}

/** Secrets, e-mail addresses and card numbers: for whatever is stored or shown. */
export function redact(text: string): string {
  return patterns
    .reduce((result, [pattern, instead]) => result.replace(pattern, instead), text)
    .replace(cardCandidate, (digits) => (luhn(digits) ? '[card]' : digits))
}

function luhn(text: string): boolean {
  const digits = Array.from(text.replaceAll(/\D/g, ''), Number)
  const sum = digits
    .reverse()
    .reduce((total, digit, index) => total + (index % 2 === 0 ? digit : ((digit * 2) % 10) + Math.floor(digit / 5)), 0)
  return sum % 10 === 0
}
