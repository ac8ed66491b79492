import { describe, expect, it } from 'vitest'
import { GameError, type LedgerEntry, Money, openTable, quantityFor, type Table } from '../src/index.ts'
import { capturesPresent, trades } from './captures.ts'

const GAME = '20251212-6114b2ff44ef4b71'

function seated(cash = '100', practice = '100'): Table {
  const table = openTable({ gameId: GAME })
  table.deposit('ann', { solana: cash, practice })
  table.openPresale()
  return table
}

/** Runs ticks with the given prices. */
function play(table: Table, ...prices: (string | number)[]): void {
  for (const price of prices) table.step(table.tick + 1, price)
}

/** The seat's numbers as text. */
function shown(table: Table, mark?: string): Record<string, string> {
  const view = table.view('ann', mark)
  if (view === undefined) throw new Error('ann is not seated')
  return {
    cash: view.cash.toFixed(),
    qty: view.positionQty.toFixed(),
    avg: view.avgCost.toFixed(),
    invested: view.totalInvested.toFixed(),
    regular: view.regularPnl.toFixed(),
    sidebet: view.sidebetPnl.toFixed(),
    pnl: view.pnl.toFixed(),
  }
}

/** The result of an order that must be accepted. */
function accepted<T extends { ok: boolean }>(result: T): Extract<T, { ok: true }> {
  if (!result.ok) throw new Error(JSON.stringify(result))
  return result as Extract<T, { ok: true }>
}

describe('buys (7.1)', () => {
  it.skipIf(!capturesPresent)('every captured buy has exactly our quantity: floor9(amount / price), no fee', () => {
    const buys = trades().filter((trade) => trade.type === 'buy')
    expect(buys.length).toBeGreaterThanOrEqual(20)
    for (const buy of buys) {
      expect([buy.id, quantityFor(new Money(String(buy.amount)), new Money(String(buy.price))).toFixed()]).toEqual([
        buy.id,
        new Money(String(buy.qty)).toFixed(),
      ])
    }
  })

  it('cash falls by the amount, quantity and stake rise, the average cost is the truncated price', () => {
    const table = seated('0.02')
    table.start()
    play(table, '1.1818288459')
    expect(accepted(table.buy('ann', { amount: '0.004' })).trade).toMatchObject({ type: 'buy', tick: 1, forced: false })
    expect(shown(table)).toMatchObject({ cash: '0.016', qty: '0.003384584', avg: '1.181828845', invested: '0.004' })
  })

  it('presale: buys only, at exactly 1 and tick 0, and they stand until the game starts', () => {
    const table = seated()
    expect(accepted(table.buy('ann', { amount: '0.5' })).trade).toMatchObject({ tick: 0 })
    expect(shown(table)).toMatchObject({ qty: '0.5', avg: '1' })
    expect(table.sell('ann', { percentage: 100 })).toMatchObject({ ok: false, code: 'PRESALE_IRREVOCABLE' })
    expect(table.openShort('ann', { amount: '0.5' })).toMatchObject({ ok: false, code: 'PHASE' })
    table.start()
    expect(accepted(table.sell('ann', { percentage: 100 })).trade.amount.toFixed()).toBe('0.5')
  })

  it.each([
    ['0.0009', 'AMOUNT_TOO_SMALL'],
    ['5.000000001', 'AMOUNT_TOO_LARGE'],
    ['0.0011111111', 'AMOUNT_INVALID'],
    ['NaN', 'AMOUNT_INVALID'],
    ['Infinity', 'AMOUNT_INVALID'],
    ['-1', 'AMOUNT_TOO_SMALL'],
    ['a lot', 'AMOUNT_INVALID'],
  ])('refuses %s with %s and changes nothing', (amount, code) => {
    const table = seated()
    expect(table.buy('ann', { amount })).toMatchObject({ ok: false, code })
    expect(shown(table)).toMatchObject({ cash: '100', invested: '0' })
  })

  it('takes 0.001 and 5, the published limits, and what the balance allows', () => {
    const table = seated('5.001')
    accepted(table.buy('ann', { amount: 5 }))
    accepted(table.buy('ann', { amount: '0.001' }))
    expect(table.buy('ann', { amount: '0.001' })).toMatchObject({ ok: false, code: 'FUNDS' })
  })
})

describe('sells (7.2)', () => {
  it.skipIf(!capturesPresent)('every captured sell is our product, or one to three lamports below it', () => {
    const sells = trades().filter((trade) => trade.type === 'sell')
    expect(sells.length).toBeGreaterThanOrEqual(15)
    let exact = 0
    for (const sell of sells) {
      const product = new Money(String(sell.qty)).mul(new Money(String(sell.price))).toDecimalPlaces(9, Money.ROUND_DOWN)
      const short = product
        .sub(new Money(String(sell.amount)))
        .mul(1e9)
        .toNumber()
      expect([sell.id, short >= 0 && short <= 3]).toEqual([sell.id, true])
      if (short === 0) exact += 1
    }
    expect(exact).toBeGreaterThanOrEqual(sells.length / 2)
  })

  it('lots go first in, first out: a partial sell removes the presale lot at cost 1 and changes the average', () => {
    const table = seated()
    accepted(table.buy('ann', { amount: 1 }))
    table.start()
    play(table, '2')
    accepted(table.buy('ann', { amount: 2 }))
    expect(shown(table)).toMatchObject({ qty: '2', avg: '1.5' })
    const sold = accepted(table.sell('ann', { percentage: 50 })).trade
    expect([sold.qty.toFixed(), sold.amount.toFixed()]).toEqual(['1', '2'])
    expect(shown(table)).toMatchObject({ qty: '1', avg: '2', invested: '3' })
  })

  it('a partial sell of a single lot leaves its average cost', () => {
    const table = seated()
    table.start()
    play(table, '1.234567891234')
    accepted(table.buy('ann', { amount: '0.1' }))
    play(table, '1.5')
    accepted(table.sell('ann', { percentage: 13 }))
    expect(shown(table)).toMatchObject({ avg: '1.234567891' })
  })

  it('truncates each lot on its own, so several lots return a lamport less than their sum', () => {
    const table = seated()
    table.start()
    play(table, '0.999999999')
    for (let lot = 0; lot < 3; lot += 1) accepted(table.buy('ann', { amount: '0.001' }))
    play(table, '1.0000000004')
    const { trade } = accepted(table.sell('ann', { percentage: 100 }))
    expect(
      trade.qty.mul('1.0000000004').toDecimalPlaces(9, Money.ROUND_DOWN).sub(trade.amount).toNumber(),
    ).toBeGreaterThanOrEqual(0)
    expect(trade.amount.toFixed()).toBe('0.003')
  })

  it('closing sets quantity and average to 0, keeps the stake and books the profit', () => {
    const table = seated()
    table.start()
    play(table, '1')
    accepted(table.buy('ann', { amount: 1 }))
    play(table, '1.5')
    accepted(table.sell('ann', { percentage: 100 }))
    expect(shown(table)).toMatchObject({ cash: '100.5', qty: '0', avg: '0', invested: '1', regular: '0.5', pnl: '0.5' })
    expect(table.view('ann')?.pnlPercent.toFixed()).toBe('50')
    expect(table.sell('ann', { percentage: 100 })).toMatchObject({ code: 'NO_POSITION' })
  })

  it.each([0, 101, 12.5, -10, Number.NaN])('refuses %s per cent', (percentage) => {
    const table = seated()
    table.start()
    expect(table.sell('ann', { percentage })).toMatchObject({ ok: false, code: 'PERCENTAGE_INVALID' })
  })
})

describe('the rug (7.3)', () => {
  it('sells every long at the rug price: 0.007 at 1 becomes -0.00686', () => {
    const table = seated()
    accepted(table.buy('ann', { amount: '0.007' }))
    table.start()
    const { liquidations } = table.rug(1, 0.020000000000000018)
    expect(liquidations).toMatchObject([{ type: 'sell', playerId: 'ann', forced: true, tick: 1 }])
    expect(liquidations[0]?.amount.toFixed()).toBe('0.00014')
    expect(shown(table)).toMatchObject({ regular: '-0.00686', qty: '0', avg: '0', cash: '99.99314' })
    expect(table.buy('ann', { amount: 1 })).toMatchObject({ code: 'PHASE' })
  })
})

describe('sidebets (7.4)', () => {
  it.each([
    [40, true],
    [1, true],
    [41, false],
  ])('placed in the presale, a rug at tick %i wins: %s', (rugTick, won) => {
    const table = seated()
    const { bet } = accepted(table.sidebet('ann', { amount: '0.01' }))
    expect([bet.startTick, bet.endTick]).toEqual([0, 40])
    table.start()
    while (table.tick < rugTick - 1) play(table, 1)
    const settled = table.rug(rugTick, 0.02).sidebets
    if (won) expect(settled).toMatchObject([{ won: true, tickIndex: rugTick }])
    else expect(settled).toEqual([])
    expect(shown(table)).toMatchObject(won ? { cash: '100.04', sidebet: '0.04' } : { cash: '99.99', sidebet: '-0.01' })
  })

  it('pays 0.005 for 0.001; an earlier lost 0.001 leaves 0.003, the sum of all settled bets', () => {
    const table = seated()
    accepted(table.sidebet('ann', { amount: '0.001' }))
    table.start()
    while (table.tick < 39) play(table, 1)
    expect(shown(table)).toMatchObject({ sidebet: '0' })
    const lost = table.step(40, 1).sidebets
    expect(lost).toMatchObject([{ won: false, tickIndex: 0 }])
    expect(lost[0]?.profit.toFixed()).toBe('-0.001')
    expect(accepted(table.sidebet('ann', { amount: '0.001' })).bet).toMatchObject({ startTick: 40, endTick: 80 })
    const won = table.rug(41, 0.02).sidebets
    expect([won[0]?.payout.toFixed(), won[0]?.profit.toFixed()]).toEqual(['0.005', '0.004'])
    expect(shown(table)).toMatchObject({ sidebet: '0.003', invested: '0.002' })
  })

  it('one at a time, at most three decimals, stakes counted as invested, an open bet counts nothing', () => {
    const table = seated()
    accepted(table.sidebet('ann', { amount: '0.001' }))
    expect(table.sidebet('ann', { amount: '0.001' })).toMatchObject({ ok: false, code: 'SIDEBET_ACTIVE' })
    expect(shown(table)).toMatchObject({ invested: '0.001', sidebet: '0', pnl: '0' })
    const other = seated()
    expect(other.sidebet('ann', { amount: '0.0011' })).toMatchObject({ ok: false, code: 'AMOUNT_INVALID' })
    expect(other.sidebet('ann', { amount: '5.001' })).toMatchObject({ ok: false, code: 'AMOUNT_TOO_LARGE' })
  })
})

describe('practice token', () => {
  it('is another coin: own balance, own limits, not mixed in one game, free again in the next', () => {
    const table = seated('1', '8000')
    accepted(table.buy('ann', { amount: 7000, coin: 'practice' }))
    expect(table.sidebet('ann', { amount: '0.1', coin: 'solana' })).toMatchObject({ ok: false, code: 'COIN_MIXED' })
    accepted(table.sidebet('ann', { amount: '0.1' }))
    expect([table.balance('ann', 'solana').toFixed(), table.balance('ann', 'practice').toFixed()]).toEqual(['1', '999.9'])
    table.start()
    table.rug(1, 0.02)
    table.newGame('next')
    table.openPresale()
    accepted(table.buy('ann', { amount: '0.1', coin: 'solana' }))
  })
})

describe('shorts (7.5)', () => {
  it('are path dependent, unlike the linear formula of the documents', () => {
    const straight = seated()
    straight.start()
    play(straight, '1')
    accepted(straight.openShort('ann', { amount: '0.2' }))
    play(straight, '0.8')
    const way = seated()
    way.start()
    play(way, '1')
    accepted(way.openShort('ann', { amount: '0.2' }))
    play(way, '1.25', '0.8')
    const [direct, round] = [straight, way].map((table) => accepted(table.closeShort('ann')).trade.amount.toFixed())
    expect([direct, round]).toEqual(['0.24', '0.204'])
  })

  it('never fall below nothing, and are closed by the rug', () => {
    const table = seated()
    table.start()
    play(table, '1')
    accepted(table.openShort('ann', { amount: 1 }))
    expect(table.openShort('ann', { amount: 1 })).toMatchObject({ code: 'SHORT_ACTIVE' })
    play(table, '10')
    expect(table.view('ann')?.short?.value.toFixed()).toBe('0')
    expect(table.rug(3, 0.02).liquidations).toMatchObject([{ type: 'short_close', forced: true }])
    expect(table.closeShort('ann')).toMatchObject({ ok: false })
  })
})

describe('life of a table', () => {
  it('refuses to be driven out of order', () => {
    const table = seated()
    expect(() => table.step(1, 1)).toThrow(GameError)
    table.start()
    expect(() => table.step(5, 1)).toThrow(expect.objectContaining({ code: 'GAME_PHASE' }))
    expect(() => table.newGame('other')).toThrow(GameError)
  })

  it('knows nobody who was not seated, and opens only for a game', () => {
    const table = openTable({ gameId: GAME })
    expect(table.view('bob')).toBeUndefined()
    expect(table.buy('bob', { amount: 1 })).toMatchObject({ code: 'PLAYER_UNKNOWN' })
    table.deposit('bob', { solana: 1 })
    expect(table.buy('bob', { amount: 1 })).toMatchObject({ code: 'PHASE' })
  })

  it('pnl is shown at the price of the tick before, as the feed does', () => {
    const table = seated()
    accepted(table.buy('ann', { amount: 1 }))
    table.start()
    play(table, '1.5')
    expect(shown(table)).toMatchObject({ regular: '0' })
    play(table, '3')
    expect(shown(table)).toMatchObject({ regular: '0.5' })
    expect(shown(table, '3')).toMatchObject({ regular: '2' })
  })

  it('journals every movement of money, so that the journal alone gives the balance', () => {
    const entries: LedgerEntry[] = []
    const table = openTable({ gameId: GAME, journal: (entry) => entries.push(entry) })
    table.deposit('ann', { solana: 1 })
    table.openPresale()
    accepted(table.buy('ann', { amount: '0.1' }))
    accepted(table.sidebet('ann', { amount: '0.1' }))
    table.start()
    table.rug(1, 0.02)
    expect(entries.map(({ kind, amount }) => `${kind} ${amount.toFixed()}`)).toEqual([
      'deposit 1',
      'buy -0.1',
      'sidebet -0.1',
      'sidebet_payout 0.5',
      'sell 0.002',
    ])
    expect(entries.reduce((sum, entry) => sum.add(entry.amount), new Money(0)).eq(table.balance('ann', 'solana'))).toBe(true)
  })
})
