import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameDecoder, frameText } from '../src/index.ts'

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
const hostile = fc.oneof({ weight: 8, arbitrary: hostileText }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) })

describe('any frame', () => {
  it('P3: never throws, packet + rawJson is the text, and what is wrong is said (3,000 hostile frames in streams)', () => {
    let frames = 0
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 6, maxLength: 12 }), (stream) => {
        const decoder = new FrameDecoder()
        for (const input of stream) {
          frames += 1
          const frame = decoder.decode(input)
          const text = typeof input === 'string' ? input : `b${Buffer.from(input).toString('base64')}`
          expect(frameText(frame)).toBe(text)
          expect(frame.event.isWellFormed()).toBe(true)
          if (frame.issues !== null) expect(frame.issues.length).toBeGreaterThan(0)
          if (frame.engineType === 'unknown') expect(frame.issues).not.toBeNull()
          for (const { message } of frame.issues ?? []) expect(message.isWellFormed() && message.length < 400).toBe(true)
        }
      }),
      { numRuns: 400 },
    )
    expect(frames).toBeGreaterThanOrEqual(2_000)
  })

  it('a valid event of any name, id and arguments comes back as it was', () => {
    const event = fc.tuple(
      fc
        .string()
        .filter(
          (text) => !['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'].includes(text),
        ),
      fc.option(fc.nat()),
      fc.array(fc.jsonValue(), { maxLength: 3 }),
    )
    fc.assert(
      fc.property(event, ([name, id, args]) => {
        const json = JSON.stringify([name, ...args])
        const frame = new FrameDecoder().decode(`42${id ?? ''}${json}`)
        expect(frame).toMatchObject({ event: name.toWellFormed(), ackId: id, issues: null, rawJson: json })
        expect(JSON.stringify(frame.args)).toBe(JSON.stringify(JSON.parse(json).slice(1)))
      }),
      { numRuns: 500 },
    )
  })
})
