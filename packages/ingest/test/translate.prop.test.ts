import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Stamp } from '../src/stamp.ts'
import { Translator } from '../src/translate.ts'
import { hostile } from './support/hostile-frames.ts'

const source = { name: 'cdp', origin: null, async *items() {} } as const
const step = fc.tuple(hostile, fc.constantFrom('received', 'sent'), fc.constantFrom('a', 'b'))
/** Hostile payloads under names that have a schema. */
const known = fc
  .tuple(
    fc.constantFrom('gameStateUpdate', 'standard/newTrade', 'playerUpdate', 'buyOrder', 'usernameStatus'),
    fc.jsonValue(),
    fc.boolean(),
  )
  .map(
    ([name, payload, traced]) =>
      `42${JSON.stringify(traced ? [name, { __trace: true, traceparent: 5 }, payload] : [name, payload])}`,
  )
const knownStep = fc.tuple(known, fc.constantFrom('received', 'sent'), fc.constantFrom('a', 'b'))

describe('any stream of frames', () => {
  it('P2, P3: becomes rows without a hole that hold every text, and nothing throws', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(step, knownStep), { minLength: 5, maxLength: 15 }), (frames) => {
        const translator = new Translator(source, new Stamp({ sessionId: 's', source: 'cdp', origin: null }))
        let seq = 0
        for (const [index, [text, direction, connection]] of frames.entries()) {
          const at = 1_000 + index
          const rows = translator.translate({ kind: 'frame', frame: { text, direction, at, connection } })
          for (const { envelope } of rows) {
            seq += 1
            expect(envelope._seq).toBe(seq)
            expect(envelope.event_name.isWellFormed()).toBe(true)
          }
          const inputs = rows.filter(({ counts }) => counts === 'input')
          expect(inputs).toHaveLength(1)
          const [row] = inputs
          const whole = typeof text === 'string' ? text : `b${Buffer.from(text).toString('base64')}`
          expect((row?.envelope.packet ?? '') + (row?.envelope.raw_json ?? '')).toBe(whole)
          expect(rows.filter(({ envelope }) => envelope.event_name === 'schema_issue')).toHaveLength(row?.envelope.issues ? 1 : 0)
        }
      }),
      { numRuns: 400 },
    )
  })
})
