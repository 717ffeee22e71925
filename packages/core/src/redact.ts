/**
 * What is found, what stands there instead, and what the text in lower case must hold for it to be tried at all: most texts
 * hold no secret, and looking for a word costs a tenth of trying a pattern.
 */
type Pattern = readonly [pattern: RegExp, instead: string, needs: readonly string[]]

/**
 * Takes secrets and personal data out of a text before it is stored, shown or thrown. Patterns are linear and bounded:
 * they run on text that attackers write.
 */
const secrets: readonly Pattern[] = [
  [
    // Without an end it takes what follows: looking for one from every beginning again would be quadratic.
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[\s\S]{0,10000}?-----END [A-Z ]{0,30}PRIVATE KEY-----|[\s\S]{0,10000})/g,
    '[private key]',
    ['-----begin'],
  ],
  [/\b(?:fm1r|fm1a|fm2|fo1)_[\w+/=,-]{8,}/g, '[fly token]', ['fm1', 'fm2_', 'fo1_']],
  [
    /\b(FlyV1|Bearer|Basic|GenieKey)\s+(?!\[)[\w.~+/=,-]{6,}/gi,
    '$1 [redacted]',
    ['flyv1', 'bearer', 'basic', 'geniekey'],
  ],
  [/\beyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]{0,}/g, '[jwt]', ['eyj']],
  [/\bxox[abeposr]-[\w-]{8,}/g, '[slack token]', ['xox']],
  [/(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]+/g, '$1[redacted]', ['hooks.slack']],
  [/(discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/)[\w-]+/g, '$1[redacted]', ['/webhooks/']],
  [/(webhook\.office\.com\/)[\w/@-]+/g, '$1[redacted]', ['webhook.office']],
  [/(api\.telegram\.org\/bot)[\w:-]+/g, '$1[redacted]', ['api.telegram']],
  [/\b\d{8,10}:[\w-]{35}\b/g, '[telegram token]', [':']],
  [
    /\b(?:whsec|sk|pk|rk|ghp|gho|ghu|ghs|ghr|github_pat|glpat|npm)[_-][\w-]{16,}(?:[+/=][\w+/=-]*)?/g,
    '[key]',
    ['c_', 'k_', 'k-', 'gh', 'pat', 'npm', 'c-'],
  ],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '[key]', ['akia', 'asia']],
  [/\bAIza[\w-]{35}/g, '[key]', ['aiza']],
  // Whatever stands before the host, up to the last @: a password may hold one.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"'<>]{1,300}@/gi, '$1[redacted]@', ['@']],
  [
    // Named secrets. A word of prose after a colon is a sentence about the secret, not the secret.
    /\b([\w-]{0,40}?(?:password|passwd|pwd|secret|token|api[_-]?key|routing[_-]?key|integration[_-]?key|authorization|signature|\bsig)(?:["']?\s{0,3}[=:]\s{0,3}["']?))(?!\s|\[|(?:must|is|are|was|not|has|have|may|should|expired|missing|invalid|looks|needs|unset|empty|required|cannot|too|wrong|holds|a|an|the)\b)[^\s"'&,;]{3,}/gi,
    '$1[redacted]',
    ['passw', 'pwd', 'secret', 'token', 'key', 'authorization', 'sig'],
  ],
]

const personal: readonly Pattern[] = [
  [/\b[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}\b/g, '[e-mail]', ['@']],
]

/** Digits as cards have them: a known first digit group, 13 to 19 in all. Times in milliseconds begin otherwise. */
const cardCandidate = /\b(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|3[0-9]\d{2}|6\d{3})(?:[ -]?\d){9,15}\b/g
const fourDigits = /\d{4}/

/** No pattern matches fewer characters: `a@b.co`. */
const shortest = 6

function takeOut(patterns: readonly Pattern[], text: string): string {
  if (text.length < shortest) return text
  const lower = text.toLowerCase()
  let result = text
  for (const [pattern, instead, needs] of patterns) if (holds(lower, needs)) result = result.replace(pattern, instead)
  return result
}

function holds(text: string, words: readonly string[]): boolean {
  for (const word of words) if (text.includes(word)) return true
  return false
}

/** Secrets only: for errors and logs, where a person's address may be what matters. */
export function redactSecrets(text: string): string {
  return takeOut(secrets, text)
}

/** Secrets, e-mail addresses and card numbers: for whatever is stored or shown. */
export function redact(text: string): string {
  const result = takeOut(personal, takeOut(secrets, text))
  return fourDigits.test(result)
    ? result.replace(cardCandidate, (digits) => (luhn(digits) ? '[card]' : digits))
    : result
}

function luhn(text: string): boolean {
  const digits = Array.from(text.replaceAll(/\D/g, ''), Number)
  const sum = digits
    .reverse()
    .reduce((total, digit, index) => total + (index % 2 === 0 ? digit : ((digit * 2) % 10) + Math.floor(digit / 5)), 0)
  return sum % 10 === 0
}
