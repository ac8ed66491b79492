import { Money } from '@vectra/game'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PaperAction } from '../../../src/protocol/recorded.ts'
import { PAPER_CASH, playOnPaper } from '../../../src/server/recorded/paper.ts'
import { holesOf } from '../../../src/server/recorded/replay-game.ts'

const price = fc.integer({ min: 1, max: 5_000_000 }).map((millionths) => new Money(millionths).div(1_000_000).toFixed())
const action = fc.oneof(
  fc.record({ tick: fc.nat(40), kind: fc.constant('buy' as const), amount: fc.constantFrom('0.1', '1', '3', '99', 'x', '') }),
  fc.record({ tick: fc.nat(40), kind: fc.constant('sell' as const), percentage: fc.constantFrom(10, 25, 50, 100, 7) }),
  fc.record({ tick: fc.nat(40), kind: fc.constant('sidebet' as const), amount: fc.constantFrom('0.01', '1') }),
)

describe('paper trading', () => {
  it('keeps its promise at a price of 1: cash and position by hand', () => {
    const state = playOnPaper(
      'g',
      ['1', '2', '0.5'],
      null,
      [
        { tick: 0, kind: 'buy', amount: '4' },
        { tick: 1, kind: 'sell', percentage: 25 },
      ],
      2,
    )
    expect(state).toMatchObject({ cash: '8', positionQty: '3', avgCost: '1', assumed: 0 })
    expect(state.results.map(({ ok }) => ok)).toEqual([true, true])
  })

  it('sells all at the rug, and takes no order after it', () => {
    const acts: PaperAction[] = [
      { tick: 0, kind: 'buy', amount: '1' },
      { tick: 2, kind: 'buy', amount: '1' },
    ]
    const state = playOnPaper('g', ['1', '1.5', '0.02'], 2, acts, 2)
    expect(state).toMatchObject({ positionQty: '0', cash: '9.02' })
    expect(state.results[1]?.ok).toBe(false)
  })

  it('says how many ticks had no price, and never throws whatever is asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(price, { nil: null }), { minLength: 1, maxLength: 40 }),
        fc.array(action, { maxLength: 15 }),
        fc.nat(39),
        fc.option(fc.integer({ min: 1, max: 39 }), { nil: null }),
        (path, actions, upTo, rug) => {
          const tick = Math.min(upTo, path.length - 1)
          const state = playOnPaper('g', path, rug, actions, tick)
          expect(new Money(state.cash).isNegative()).toBe(false)
          expect(state.results).toHaveLength(actions.length)
          const end = rug === null ? tick : Math.min(rug, tick)
          expect(state.assumed).toBe(path.slice(0, end + 1).filter((one) => one === null).length)
          // What lies behind the tick has not happened.
          const past = actions.filter((one) => (one.tick ?? 0) <= tick)
          expect(playOnPaper('g', path, rug, past, tick).cash).toBe(state.cash)
        },
      ),
    )
    expect(playOnPaper('g', ['1'], null, [], 0).cash).toBe(PAPER_CASH)
  })

  it('finds the holes of a path', () => {
    expect(holesOf(['1', null, null, '2', null])).toEqual([
      { from: 1, to: 2 },
      { from: 4, to: 4 },
    ])
  })
})
