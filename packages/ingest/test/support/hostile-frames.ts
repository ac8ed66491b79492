import fc from 'fast-check'

const digits = fc.stringMatching(/^\d{0,25}$/)
const namespace = fc.oneof(
  fc.constant(''),
  fc.constant('/'),
  fc.stringMatching(/^\/[a-z?=,]{0,6}$/).map((ns) => `${ns},`),
)
const name = fc.oneof(
  fc.string(),
  fc.constantFrom('connect', 'disconnect', '__proto__', 'newListener', 'gameStateUpdate', '\ud800', ''),
)
const validEvent = fc
  .tuple(namespace, digits, name, fc.array(fc.jsonValue(), { maxLength: 3 }))
  .map(([ns, id, event, args]) => `42${ns}${id}${JSON.stringify([event, ...args])}`)
const nested = fc.integer({ min: 1, max: 3_000 }).map((depth) => `42["deep",${'['.repeat(depth)}${']'.repeat(depth)}]`)
const binaryHeader = fc
  .tuple(fc.integer({ min: 0, max: 70 }), digits)
  .map(([count, id]) => `45${count}-${id}["bin",{"_placeholder":true,"num":${count - 1}}]`)
const anyPrefix = fc
  .tuple(fc.stringMatching(/^[0-6b][0-9]?$/), namespace, digits, fc.string({ unit: 'binary' }))
  .map((parts) => parts.join(''))
const loneSurrogates = fc.string({ unit: fc.integer({ min: 0xd7f0, max: 0xe00f }).map((code) => String.fromCharCode(code)) })

/** A valid frame with one character replaced, dropped or doubled. */
const mutated = fc
  .tuple(validEvent, fc.nat(), fc.constantFrom('', '"', '\\', '[', '}', '\u0000', '\u2028', '-', ','))
  .map(([text, at, insert]) => {
    const position = at % (text.length + 1)
    return text.slice(0, position) + insert + text.slice(position + (at % 2))
  })

const hostileText = fc.oneof(
  validEvent,
  nested,
  binaryHeader,
  anyPrefix,
  mutated,
  loneSurrogates.map((text) => `42["${text}"]`),
  fc.string({ unit: 'binary' }),
  fc.string(),
)
/** Any frame a server, a browser or a bug could send: valid, mutated, deep, binary, or no frame at all. */
export const hostile = fc.oneof({ weight: 8, arbitrary: hostileText }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) })
