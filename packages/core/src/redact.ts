/** What is found, what stands there instead, and what a text must hold for the costlier ones to be tried at all. */
type Pattern = readonly [pattern: RegExp, instead: string, needs?: RegExp]

/**
 * Takes secrets and personal data out of a text before it is stored, shown or thrown. Patterns are linear and bounded:
 * they run on text that attackers write.
 */
const secrets: readonly Pattern[] = [
  [
    // Without an end it takes what follows: looking for one from every beginning again would be quadratic.
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[\s\S]{0,10000}?-----END [A-Z ]{0,30}PRIVATE KEY-----|[\s\S]{0,10000})/g,
    '[private key]',
  ],
  [/\b(?:fm1r|fm1a|fm2|fo1)_[\w+/=,-]{8,}/g, '[fly token]'],
  [/\b(FlyV1|Bearer|Basic|GenieKey)\s+(?!\[)[\w.~+/=,-]{6,}/gi, '$1 [redacted]'],
  [/\beyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]{0,}/g, '[jwt]'],
  [/\bxox[abeposr]-[\w-]{8,}/g, '[slack token]'],
  [/(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]+/g, '$1[redacted]'],
  [/(discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/)[\w-]+/g, '$1[redacted]'],
  [/(webhook\.office\.com\/)[\w/@-]+/g, '$1[redacted]'],
  [/(api\.telegram\.org\/bot)[\w:-]+/g, '$1[redacted]'],
  [/\b\d{8,10}:[\w-]{35}\b/g, '[telegram token]'],
  [/\b(?:whsec|sk|pk|rk|ghp|gho|ghu|ghs|ghr|github_pat|glpat|npm)[_-][\w-]{16,}(?:[+/=][\w+/=-]*)?/g, '[key]'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '[key]'],
  [/\bAIza[\w-]{35}/g, '[key]'],
  // Whatever stands before the host, up to the last @: a password may hold one.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"'<>]{1,300}@/gi, '$1[redacted]@', /@/],
  [
    // Named secrets. A word of prose after a colon is a sentence about the secret, not the secret.
    /\b([\w-]{0,40}?(?:password|passwd|pwd|secret|token|api[_-]?key|routing[_-]?key|integration[_-]?key|authorization|signature|\bsig)(?:["']?\s{0,3}[=:]\s{0,3}["']?))(?!\s|\[|(?:must|is|are|was|not|has|have|may|should|expired|missing|invalid|looks|needs|unset|empty|required|cannot|too|wrong|holds|a|an|the)\b)[^\s"'&,;]{3,}/gi,
    '$1[redacted]',
    /passw|pwd|secret|token|key|authorization|sig/i,
  ],
]

const personal: readonly Pattern[] = [
  [/\b[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}\b/g, '[e-mail]', /@/],
]

/** Digits as cards have them: a known first digit group, 13 to 19 in all. Times in milliseconds begin otherwise. */
const cardCandidate = /\b(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|3[0-9]\d{2}|6\d{3})(?:[ -]?\d){9,15}\b/g

function take(text: string, [pattern, instead, needs]: Pattern): string {
  return needs === undefined || needs.test(text) ? text.replace(pattern, instead) : text
}

/** Secrets only: for errors and logs, where a person's address may be what matters. */
export function redactSecrets(text: string): string {
  return secrets.reduce(take, text)
}

/** Secrets, e-mail addresses and card numbers: for whatever is stored or shown. */
export function redact(text: string): string {
  return personal
    .reduce(take, redactSecrets(text))
    .replace(cardCandidate, (digits) => (luhn(digits) ? '[card]' : digits))
}

function luhn(text: string): boolean {
  const digits = Array.from(text.replaceAll(/\D/g, ''), Number)
  const sum = digits
    .reverse()
    .reduce((total, digit, index) => total + (index % 2 === 0 ? digit : ((digit * 2) % 10) + Math.floor(digit / 5)), 0)
  return sum % 10 === 0
}
