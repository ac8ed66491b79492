import { expect, it } from 'vitest'
import { applySidebetResult, applyState, applyTrade, EMPTY_VIEW, shownRound, type View } from '../../src/web/feed/view.ts'
import type { WireState } from '../../src/web/feed/wire.ts'

const play = (...states: WireState[]): View => states.reduce((view, state) => applyState(view, state), EMPTY_VIEW)
const tick = (gameId: string, at: number, price: string, more: Partial<WireState> = {}): WireState => ({
  gameId,
  active: true,
  rugged: false,
  tickCount: String(at),
  price,
  ...more,
})
const wait = (gameId: string, ms: number, presale = false): WireState => ({
  gameId,
  cooldownTimer: String(ms),
  allowPreRoundBuys: presale,
})

it('the finished round is held through the settlement, and goes with the presale', () => {
  const rugged = play(tick('a', 0, '1'), tick('a', 1, '1.1'), tick('a', 2, '0.02', { rugged: true }))
  const settling = applyState(applyState(rugged, wait('b', 15_000)), wait('b', 14_900))
  expect(shownRound(settling)).toMatchObject({ gameId: 'a', rugged: true, tick: 2, path: ['1', '1.1', '0.02'] })
  const presale = applyState(settling, wait('b', 10_000, true))
  expect(shownRound(presale)).toMatchObject({ gameId: 'b', phase: 'presale', path: [] })
})

it('the second rug frame counts too far: the rug tick stays', () => {
  const view = play(tick('a', 5, '2'), tick('a', 6, '0.02', { rugged: true }), tick('a', 9, '0.02', { rugged: true }))
  expect(view.game?.tick).toBe(6)
})

it('an older frame never overwrites a newer one, but fills what was missed', () => {
  const view = play(tick('a', 7, '1.7'), tick('a', 5, '1.5', { partialPrices: { values: { 4: '1.4', 5: '1.5' } } }))
  expect(view.game).toMatchObject({ tick: 7, price: '1.7' })
  expect(view.game?.path.slice(4)).toEqual(['1.4', '1.5', null, '1.7'])
  const late = play(wait('b', 14_900), wait('b', 15_000))
  expect(late.game?.cooldownMs).toBe(14_900)
})

it('standings in the cooldown belong to the round before', () => {
  const view = play(tick('a', 1, '1', { leaderboard: [] }), { ...wait('b', 15_000), leaderboard: [{ id: 'x' }] })
  expect(view.board).toEqual({ gameId: 'a', entries: [{ id: 'x' }] })
})

it('a settled sidebet names its round and its ticks, and is told until that round leaves the screen', () => {
  const rugged = play(tick('a', 5, '2'), tick('a', 6, '0.02', { rugged: true }))
  const won = applySidebetResult(rugged, { gameId: 'a', startTick: '2', endTick: '42', payout: '0.005', profit: '0.004' })
  expect(won.settledBet).toEqual({ gameId: 'a', won: true, payout: '0.005', profit: '0.004', from: 2, to: 42 })
  const settling = applyState(won, wait('b', 15_000))
  expect(settling.settledBet?.gameId).toBe(shownRound(settling)?.gameId)
  const presale = applyState(settling, wait('b', 10_000, true))
  expect(presale.settledBet?.gameId).not.toBe(shownRound(presale)?.gameId)
  expect(applySidebetResult(rugged, { gameId: 'a', payout: '0.000' }).settledBet?.won).toBe(false)
})

it('a trade is shown once', () => {
  const trade = { id: '1', gameId: 'a', playerId: 'p', type: 'buy', amount: '1' }
  expect(applyTrade(applyTrade(EMPTY_VIEW, trade), trade).trades).toHaveLength(1)
})
