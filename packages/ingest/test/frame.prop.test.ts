import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameDecoder, frameText } from '../src/index.ts'
import { hostile } from './support/hostile-frames.ts'

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
