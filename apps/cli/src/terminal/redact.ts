/** What stands where a secret was. */
export const REDACTED = '[redacted]'

/** Names whose value is a secret, in any spelling: `authToken`, `set-cookie`, `private_key`, `passphrase`. */
const SECRET_NAME =
  /token|authorization|cookie|passw|passphrase|secret|private[-_]?key|api[-_]?key|mnemonic|seed[-_]?phrase|signature/i

/** Secrets inside a text, by what stands around them. */
const IN_TEXT: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // Credentials of an address.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]+@/gi, `$1${REDACTED}@`],
  // Parameters of an address or a form.
  [/([?&;](?:[\w-]*(?:token|auth|secret|passw|key|signature|session|sig)[\w-]*)=)[^&\s#"']+/gi, `$1${REDACTED}`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  // JSON Web Tokens stand for themselves.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, REDACTED],
]

/** A text without the secrets that can be told from what stands around them. */
export function redactText(text: string): string {
  return IN_TEXT.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text)
}

/** A value as a log may hold it: names of secrets keep only the name, at any depth, and texts are cleaned. */
export function redactValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null) return value
  // Deeper than anything we log: whoever nests on purpose gets nothing through.
  if (depth > 6) return REDACTED
  if (Array.isArray(value)) return value.map((entry) => redactValue(entry, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, SECRET_NAME.test(name) ? REDACTED : redactValue(entry, depth + 1)]),
  )
}
