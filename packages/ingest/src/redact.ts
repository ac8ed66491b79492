/** Secrets never reach the store: they are cut out of a frame's text at capture, and the cut is marked. */
import type { RawFrame } from './source.ts'

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

/** `?token=…`, `; privy-token=…`: secrets in URLs and cookies that stand inside a string. */
const PAIR =
  /(^|[?&;"'\s])((?:[\w.-]*[-_.])?(?:token|jwt|auth|authorization|session|sid|cookie|password|passwd|secret|api_?key|signature)=)(\[redacted \d+\]|[^&;"'\\\s]+)/gi

/** A wallet's secret key as text, or as its 64 bytes. What we send has no other use for either. */
const WALLET_KEY = /\b[1-9A-HJ-NP-Za-km-z]{87,88}\b/g
const WALLET_BYTES = /\[(?:\s*\d{1,3}\s*,){63}\s*\d{1,3}\s*\]/g

/** JSON tokens: a string (with the colon of a member's name, or cut off by the end), a bracket, a comma, a number or a word. */
const TOKEN = /"((?:[^"\\]|\\.)*)("|$)(\s*:)?|[[\]{},]|-?\d[\d.eE+-]*|true|false|null/g

/** Could the text hold a secret? Cheap enough for every frame. */
const SUSPECT =
  /eyJ|token|jwt|bearer|auth|cookie|session=|sid=|passw|passphrase|secret|private.?key|api.?key|mnemonic|seed.?phrase|signature|\\u00[4-7]/i

/** Could it hold a wallet's key? Asked of what we send only. */
const SUSPECT_KEY = /[1-9A-HJ-NP-Za-km-z]{87}|(?:\d{1,3}\s*,\s*){63}\d/

/** What stands where a secret stood; the number is its length in characters. */
export function redactionMark(length: number): string {
  return `[redacted ${length}]`
}

/** An address as it may be shown and stored: without user, password, query and fragment, any of which can hold a secret. */
export function plainAddress(address: string): string {
  const url = URL.parse(address)
  if (url === null) return '(no address)'
  return `${url.protocol}//${url.host}${url.pathname}`
}

/** A text without its secrets, and how many were cut. */
export interface Redacted {
  readonly text: string
  readonly spans: number
}

/**
 * Cuts secrets out of a frame's text; every other byte stays. Server seeds of finished games are published, and stay.
 *
 * Cut are: values of members with a secret's name, and all that is inside them; every text in the payload with which a client
 * logs in (a sent CONNECT, arguments of `authenticate`); web tokens; secrets in URLs and cookies; a wallet's key in what is
 * sent. A value that was no string becomes one, so that the text stays JSON.
 */
export function redactFrame(text: string, direction: 'received' | 'sent'): Redacted {
  const connect = direction === 'sent' && /^40(?:\/[^,]*,)?\{/.test(text)
  const keys = direction === 'sent' && SUSPECT_KEY.test(text)
  if (!connect && !keys && !SUSPECT.test(text)) return { text, spans: 0 }
  const authenticate = /^4[25]\d*-?(?:\/[^,]*,)?\d*\["authenticate"/.test(text)
  let spans = 0
  const cut = (secret: string): string => {
    if (secret === '' || /^\[redacted \d+\]$/.test(secret)) return secret
    spans += 1
    return redactionMark(secret.length)
  }
  const names = direction === 'sent' || authenticate ? SENT_SECRET_NAMES : SECRET_NAMES
  let out = cutMembers(text, names, cut, { login: connect, bareArguments: authenticate })
  out = out.replace(JWT, cut)
  out = out.replace(PAIR, (_whole, before: string, name: string, value: string) => `${before}${name}${cut(value)}`)
  if (keys) out = out.replace(WALLET_KEY, cut).replace(WALLET_BYTES, (bytes) => `"${cut(bytes)}"`)
  return { text: out, spans }
}

/** The same for a frame of any form: text, `b…` base64 of a polled attachment, or the bytes of a binary frame. */
export function redactRaw<T extends Pick<RawFrame, 'text' | 'direction' | 'redacted'>>(frame: T): T {
  const { text, direction } = frame
  const { value, spans } = typeof text === 'string' ? redactText(text, direction) : redactBytes(text, direction)
  return spans === 0 ? frame : { ...frame, text: value, redacted: (frame.redacted ?? 0) + spans }
}

function redactText(text: string, direction: RawFrame['direction']): { value: string; spans: number } {
  if (!text.startsWith('b')) {
    const { text: value, spans } = redactFrame(text, direction)
    return { value, spans }
  }
  const { value, spans } = redactBytes(Buffer.from(text.slice(1), 'base64'), direction)
  return { value: spans === 0 ? text : `b${Buffer.from(value).toString('base64')}`, spans }
}

/** Bytes as one character each: what is no text stays as it is. */
function redactBytes(bytes: Uint8Array, direction: RawFrame['direction']): { value: Uint8Array; spans: number } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const redacted = redactFrame(text, direction)
  return redacted.spans === 0
    ? { value: bytes, spans: 0 }
    : { value: new Uint8Array(Buffer.from(redacted.text, 'latin1')), spans: redacted.spans }
}

/** Cuts values by the names of their members, at any depth. Reads tokens, not JSON: a broken frame is cut as far as it goes. */
function cutMembers(
  text: string,
  names: ReadonlySet<string>,
  cut: (secret: string) => string,
  { login, bareArguments }: { login: boolean; bareArguments: boolean },
): string {
  /** For each open bracket, what in it is secret: with a secret's name everything, in a login the texts. */
  const inside: ('all' | 'texts' | null)[] = []
  let named = false
  let first = true
  const secret = (): 'all' | 'texts' | null => (named ? 'all' : (inside.at(-1) ?? null))
  return text.replace(TOKEN, (token: string, value: string | undefined, end: string | undefined, colon: string | undefined) => {
    if (value !== undefined) {
      if (colon !== undefined) {
        named = names.has(nameOf(value))
        return token
      }
      const isName = first && inside.length === 1
      first = false
      const cutIt = secret() !== null || (bareArguments && inside.length === 1 && !isName)
      named = false
      return cutIt ? `"${cut(value)}${end}` : token
    }
    if (token === '{' || token === '[') {
      inside.push(login && inside.length === 0 ? 'texts' : secret())
      named = false
      return token
    }
    if (token === '}' || token === ']') inside.pop()
    const cutIt = /^-?\d/.test(token) && secret() === 'all'
    named = false
    return cutIt ? `"${cut(token)}"` : token
  })
}

/** A member's name without case, `-`, `_` and escapes. */
function nameOf(raw: string): string {
  const plain = raw.replace(/\\u([0-9a-f]{4})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return plain.toLowerCase().replace(/[-_]/g, '')
}
