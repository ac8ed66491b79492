/** Secrets never reach the store: they are cut out of a frame's text at capture, and the cut is marked. */

/** Member names whose string value is a secret, compared without case, `-` and `_`. */
const SECRET_NAMES = new Set([
  'accesstoken',
  'refreshtoken',
  'identitytoken',
  'idtoken',
  'authtoken',
  'sessiontoken',
  'jwt',
  'bearer',
  'authorization',
  'cookie',
  'setcookie',
  'password',
  'passphrase',
  'secret',
  'clientsecret',
  'privatekey',
  'secretkey',
  'apikey',
  'mnemonic',
  'seedphrase',
  'privytoken',
])

/** Secrets in what we send; in what the server sends, `token` is the address of a coin (`0xPractice`). */
const SENT_SECRET_NAMES = new Set([...SECRET_NAMES, 'token', 'auth', 'signature'])

/** JSON Web Tokens, wherever they stand. */
const JWT = /eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}/g

/** One JSON string member: `"name" : "value"`. Frames are one line, and quotes inside a string are escaped. */
const MEMBER = /"((?:[^"\\]|\\.)*)"(\s*:\s*)"((?:[^"\\]|\\.)*)"/g

/** Could the text hold a secret? Cheap enough for every frame. */
const SUSPECT =
  /eyJ|token|jwt|bearer|auth|cookie|passw|passphrase|secret|private.?key|secret.?key|api.?key|mnemonic|seed.?phrase|signature/i

/** What stands where a secret stood; the number is its length in characters. */
export function redactionMark(length: number): string {
  return `[redacted ${length}]`
}

/** A text without its secrets, and how many were cut. */
export interface Redacted {
  readonly text: string
  readonly spans: number
}

/**
 * Cuts secrets out of a frame's text; every other byte stays. Server seeds of finished games are published, and stay.
 *
 * A string argument of a sent `authenticate` event counts as a secret whatever its name.
 */
export function redactFrame(text: string, direction: 'received' | 'sent'): Redacted {
  if (!SUSPECT.test(text)) return { text, spans: 0 }
  const names = direction === 'sent' ? SENT_SECRET_NAMES : SECRET_NAMES
  let spans = 0
  const cut = (secret: string): string => {
    if (secret === '' || /^\[redacted \d+\]$/.test(secret)) return secret
    spans += 1
    return redactionMark(secret.length)
  }
  let out = text.replace(MEMBER, (whole, name: string, colon: string, value: string) =>
    names.has(name.toLowerCase().replace(/[-_]/g, '')) ? `"${name}"${colon}"${cut(value)}"` : whole,
  )
  out = out.replace(JWT, cut)
  const authenticate = direction === 'sent' ? /^(4\d*(?:\/[^,]*,)?\d*\["authenticate",)(.*)(\])$/s.exec(out) : null
  if (authenticate) out = `${authenticate[1]}${bareStrings(authenticate[2] ?? '', cut)}${authenticate[3]}`
  return { text: out, spans }
}

/** Cuts the string arguments at the top level of an argument list. */
function bareStrings(args: string, cut: (secret: string) => string): string {
  let depth = 0
  return args.replace(/"((?:[^"\\]|\\.)*)"|[[\]{}]/g, (token, value: string | undefined) => {
    if (value !== undefined) return depth === 0 ? `"${cut(value)}"` : token
    depth += token === '[' || token === '{' ? 1 : -1
    return token
  })
}
