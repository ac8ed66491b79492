import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { liveState, reduceLiveState } from '../../src/live/live-state.ts'
import { emptyLiveState } from '../../src/live/state.ts'
import { Tape } from './envelopes.ts'

/** Number literals as a server may write them, long ones included. */
const literal = fc.oneof(
  fc.tuple(fc.nat(9_999), fc.stringMatching(/^\d{1,9}$/)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc.stringMatching(/^0\.\d{1,60}$/),
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -12, max: 12 }))
    .map(([digit, exponent]) => `${digit}.25e${exponent}`),
  fc.constantFrom('0', '-0.015559657000000001', '0.012000000000000002', '1', '1.0', '1.10', '9007199254740993'),
)

const FIELDS = [
  'cash',
  'positionQty',
  'avgCost',
  'cumulativePnL',
  'pnlPercent',
  'totalInvested',
  'sidebetPnl',
  'bonusBalance',
] as const

describe('live player', () => {
  it('equals the last playerUpdate digit for digit, in each of 1,000 random steps', () => {
    const values = fc.record(Object.fromEntries(FIELDS.map((name) => [name, fc.option(literal, { nil: undefined })])))
    const tape = new Tape()
    let state = emptyLiveState
    fc.assert(
      fc.property(values, (frame) => {
        const members = FIELDS.flatMap((name) => (frame[name] === undefined ? [] : [`"${name}":${frame[name]}`]))
        state = reduceLiveState(state, tape.received('playerUpdate', `{${['"id":"did:privy:cm1"', ...members].join(',')}}`))
        for (const name of FIELDS) {
          expect(state.me?.[name]?.literal).toBe(frame[name])
          if (frame[name] !== undefined) expect(state.me?.[name]?.value.eq(frame[name])).toBe(true)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('live state', () => {
  it('never throws, whatever the events hold, and the same events give the same state', async () => {
    const names = fc.constantFrom(
      'gameStateUpdate',
      'playerUpdate',
      'usernameStatus',
      'standard/newTrade',
      'gameStatePlayerUpdate',
      '__proto__',
      'x',
    )
    const payload = fc.oneof(
      fc.json(),
      fc
        .record(
          {
            gameId: fc.constantFrom('g1', 'g2', 'g3'),
            active: fc.boolean(),
            rugged: fc.boolean(),
            price: fc.double({ min: 0, max: 1e6, noNaN: true }),
            tickCount: fc.nat(6_000),
            cooldownTimer: fc.nat(15_000),
            partialPrices: fc.record({
              values: fc.dictionary(
                fc.constantFrom('0', '1', '7', '-1', 'x', '1e3', '99999'),
                fc.double({ min: 0, max: 9, noNaN: true }),
              ),
            }),
            id: fc.string(),
          },
          { requiredKeys: [] },
        )
        .map((value) => JSON.stringify(value)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(names, payload), { maxLength: 30 }), async (frames) => {
        const tape = new Tape()
        for (const [name, text] of frames) tape.received(name, text)
        const folded = tape.events.reduce(reduceLiveState, emptyLiveState)
        let streamed = emptyLiveState
        for await (const { state } of liveState(fromArray(tape.events))) streamed = state
        expect(strip(streamed)).toEqual(strip(folded))
      }),
      { numRuns: 200 },
    )
  })
})

async function* fromArray<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

function strip(state: object): unknown {
  return JSON.parse(JSON.stringify(state))
}
