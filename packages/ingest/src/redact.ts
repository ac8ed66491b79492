/** Secrets never reach the store: they are cut out of a frame's text at capture, and the cut is marked. */
import type { RawFrame } from './source.ts'

/** Member names whose string value is a secret, compared without case, `-` and `_`. */
export const SECRET_NAMES: ReadonlySet<string> = new Set([
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
export const SENT_SECRET_NAMES: ReadonlySet<string> = new Set([...SECRET_NAMES, 'token', 'auth', 'signature'])

/**
 * JSON Web Tokens, wherever they stand; what only begins like one matches without the group. It takes such a beginning as a
 * whole: looking for the next one inside it would read a long text again from each of its places.
 */
const JWT = /eyJ(?:[\w-]{0,5}(?![\w-])|[\w-]{6}[\w-]*(\.[\w-]{6}[\w-]*\.[\w-]{6}[\w-]*)?)/g

/** `?token=…`, `; privy-token=…`: secrets in URLs and cookies that stand inside a string. */
const PAIR =
  /(^|[?&;"'\s])((?:[\w.-]*[-_.])?(?:token|jwt|auth|authorization|session|sid|cookie|password|passwd|secret|api_?key|signature)=)(\[redacted \d+\]|[^&;"'\\\s]+)/gi

/** A wallet's secret key as text, or as its 64 bytes. What we send has no other use for either. */
const WALLET_KEY = /\b[1-9A-HJ-NP-Za-km-z]{87,88}\b/g
const WALLET_BYTES = /\[(?:\s*\d{1,3}\s*,){63}\s*\d{1,3}\s*\]/g

/** Where strings, objects and arrays begin and end. */
const MARK = /["[\]{}]/g
/** The same, and what else can stand in a secret. */
const TOKEN = /["[\]{},]|-?\d[\d.eE+-]*|true|false|null/g
/** Makes a string the name of a member. */
const COLON = /\s*:/y

/**
 * Ends of all names above, with any spelling, as a member's name. In groups: a search for a few words skips through a text
 * several times faster than one for many.
 */
const NAMED = [
  ['token', 'cookie', 'ekey', 'ikey', 'tkey', 'phrase'],
  ['password', 'secret'],
  ['jwt', 'auth', 'authorization'],
  ['mnemonic', 'signature', 'bearer'],
].map((ends) => new RegExp(`(?:${ends.map(spelled).join('|')})[-_]*"\\s*:`, 'i'))

/** Escapes of letters, `-` and `_`: a name may be written with them. */
const ESCAPED = /\\u(?:00[2-7]|212a)/i

/** Could it hold a wallet's key? Asked of what we send only. */
const SUSPECT_KEY = /[1-9A-HJ-NP-Za-km-z]{87}|(?:\d{1,3}\s*,\s*){63}\d/

/** What a client logs in with: a sent CONNECT, and `authenticate`. */
const LOGIN = /^40(?:\/[^,]*,)?\{/
const AUTHENTICATE = /^4[25]\d*-?(?:\/[^,]*,)?\d*\["authenticate"/

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
  return mayHoldSecret(text, direction) ? cutSecrets(text, direction) : { text, spans: 0 }
}

/** Cheap enough for every frame, and never wrong about a text that holds one: without any of these signs nothing can be cut. */
function mayHoldSecret(text: string, direction: 'received' | 'sent'): boolean {
  return (
    NAMED.some((names) => names.test(text)) ||
    (text.includes('yJ') && text.includes('eyJ')) ||
    (text.includes('=') && text.search(PAIR) !== -1) ||
    (text.includes('\\') && ESCAPED.test(text)) ||
    AUTHENTICATE.test(text) ||
    (direction === 'sent' && (LOGIN.test(text) || SUSPECT_KEY.test(text)))
  )
}

/** {@link redactFrame} without the look at whether there is anything to cut. */
export function cutSecrets(text: string, direction: 'received' | 'sent'): Redacted {
  const connect = direction === 'sent' && LOGIN.test(text)
  const keys = direction === 'sent' && SUSPECT_KEY.test(text)
  const authenticate = AUTHENTICATE.test(text)
  let spans = 0
  const cut = (secret: string): string => {
    if (secret === '' || /^\[redacted \d+\]$/.test(secret)) return secret
    spans += 1
    return redactionMark(secret.length)
  }
  const names = direction === 'sent' || authenticate ? SENT_SECRET_NAMES : SECRET_NAMES
  let out = cutMembers(text, names, cut, { login: connect, bareArguments: authenticate })
  out = out.replace(JWT, (token: string, rest: string | undefined) => (rest === undefined ? token : cut(token)))
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

/**
 * Cuts values by the names of their members, at any depth. Reads tokens, not JSON: a broken frame is cut as far as it goes. By
 * hand, because a regular expression for strings runs out of stack on one of many megabytes.
 */
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
  let out = ''
  /** Up to here `text` is in `out`. */
  let done = 0
  const secret = (): 'all' | 'texts' | null => (named ? 'all' : (inside.at(-1) ?? null))
  const cutAway = (from: number, to: number, quote: '' | '"'): void => {
    out += `${text.slice(done, from)}${quote}${cut(text.slice(from, to))}${quote}`
    done = to
  }
  for (let at = 0; ; ) {
    const token = tokenFrom(secret() === 'all' ? TOKEN : MARK, text, at)
    if (token === null) return out + text.slice(done)
    const { 0: mark, index } = token
    at = index + mark.length
    if (mark === '"') {
      const end = endOfString(text, at)
      COLON.lastIndex = end + 1
      if (COLON.test(text)) {
        named = names.has(nameOf(text.slice(at, end)))
        at = COLON.lastIndex
        continue
      }
      const isName = first && inside.length === 1
      first = false
      if (secret() !== null || (bareArguments && inside.length === 1 && !isName)) cutAway(at, end, '')
      at = end + 1
    } else if (mark === '{' || mark === '[') inside.push(login && inside.length === 0 ? 'texts' : secret())
    else if (mark === '}' || mark === ']') inside.pop()
    else if (/^-?\d/.test(mark) && secret() === 'all') cutAway(index, at, '"')
    named = false
  }
}

function tokenFrom(tokens: RegExp, text: string, from: number): RegExpExecArray | null {
  tokens.lastIndex = from
  return tokens.exec(text)
}

/** Place of the quote that ends a string; the end of a text that was cut off. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let before = quote
    while (before > from && text[before - 1] === '\\') before -= 1
    if ((quote - before) % 2 === 0) return quote
  }
  return text.length
}

/** A member's name without case, `-`, `_` and escapes. */
function nameOf(raw: string): string {
  const plain = raw.replace(/\\u([0-9a-f]{4})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return plain.toLowerCase().replace(/[-_]/g, '')
}

/** A word as {@link nameOf} still recognizes it. The Kelvin sign is a `k` to whoever makes letters small. */
function spelled(word: string): string {
  return [...word].map((letter) => (letter === 'k' ? '[k\u212a]' : letter)).join('[-_]*')
}
