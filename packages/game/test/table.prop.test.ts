import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Coin, Money, openTable, priceParameters, pricePath } from '../src/index.ts'
import { lamports, type ModelSeat, modelBuy, modelSeat, modelSell, modelTick } from './lamport-model.ts'

const PLAYERS = ['ann', 'bob', 'cyd'] as const
const player = fc.constantFrom(...PLAYERS)
const amount = fc.oneof(
  fc.integer({ min: 1, max: 5_100 }).map((milli) => (milli / 1000).toFixed(3)),
  fc.integer({ min: 900_000, max: 5_000_000_001 }).map((n) => new Money(n).div(1e9).toFixed(9)),
)
const order = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('buy' as const), player, amount }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('sell' as const), player, percentage: fc.integer({ min: 1, max: 100 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sidebet' as const), player, amount }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('short' as const), player, amount }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), player }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('ticks' as const), count: fc.integer({ min: 1, max: 45 }) }) },
)
const session = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  cash: fc.constantFrom('0', '0.01', '1', '20'),
  coins: fc.tuple(...PLAYERS.map(() => fc.constantFrom<Coin>('solana', 'practice'))),
  presale: fc.array(order, { maxLength: 4 }),
  orders: fc.array(order, { maxLength: 24 }),
})

it('10,000 random sessions conserve money to the lamport and agree with an integer model after every action', {
  timeout: 240_000,
}, () => {
  let actions = 0
  let refused = 0
  fc.assert(
    fc.property(session, ({ seed, cash, coins, presale, orders }) => {
      const table = openTable({ gameId: 'game' })
      const model = new Map<string, ModelSeat>()
      const coinOf = new Map(PLAYERS.map((id, index) => [id, coins[index] ?? 'solana'] as const))
      for (const id of PLAYERS) {
        table.deposit(id, { solana: cash, practice: cash })
        model.set(id, modelSeat(cash))
      }
      const path = pricePath(String(seed), 'game', priceParameters('v3', { rugProbability: 0.02, maxTicks: 200 })).prices
      const text = (tick: number): string => new Money(path[tick] ?? 0).toFixed()
      const rugTick = path.length - 1

      const check = (): void => {
        for (const coin of ['solana', 'practice'] as const) {
          if (!table.total(coin).isZero()) expect.fail(`${coin} is not conserved: ${table.total(coin).toFixed()}`)
        }
        for (const id of PLAYERS) {
          const seat = model.get(id)!
          const view = table.view(id)!
          const own = table.balance(id, coinOf.get(id)!)
          if (lamports(own.toFixed()) !== seat.cash) expect.fail(`${id} has ${own.toFixed()}, the model ${seat.cash}`)
          if (own.lt(0) || own.decimalPlaces() > 9) expect.fail(`${id} has ${own.toFixed()}`)
          if (table.balance(id, coinOf.get(id) === 'solana' ? 'practice' : 'solana').toFixed() !== new Money(cash).toFixed())
            expect.fail(`${id}'s other coin moved`)
          if (lamports(view.positionQty.toFixed()) !== seat.lots.reduce((sum, lot) => sum + lot.qty, 0n))
            expect.fail(`${id}'s position differs`)
          if (!(table.view(id, table.price.add(0))?.positionQty.eq(view.positionQty) ?? false))
            expect.fail(`${id} is viewed stale`)
          if (!view.pnl.eq(view.regularPnl.add(view.sidebetPnl).add(view.shortPnl)))
            expect.fail(`${id}'s pnl is not the sum of its parts`)
          if ((view.sidebet !== null) !== (seat.bet !== null)) expect.fail(`${id}'s sidebet differs`)
        }
      }
      const tick = (): void => {
        const next = table.tick + 1
        const [before, after] = [text(next - 1), text(next)]
        if (next === rugTick) table.rug(next, after)
        else table.step(next, after)
        for (const seat of model.values()) modelTick(seat, next, before, after, next === rugTick)
      }
      const act = (one: (typeof orders)[number]): void => {
        actions += 1
        if (one.kind === 'ticks') {
          for (let k = 0; k < one.count && table.phase === 'active'; k += 1) tick()
          return check()
        }
        const seat = model.get(one.player)!
        const coin = coinOf.get(one.player)!
        const price = text(table.tick)
        if (one.kind === 'buy') {
          if (table.buy(one.player, { amount: one.amount, coin }).ok) modelBuy(seat, lamports(one.amount), price)
          else refused += 1
        } else if (one.kind === 'sell') {
          if (table.sell(one.player, one).ok) modelSell(seat, BigInt(one.percentage), price)
          else refused += 1
        } else if (one.kind === 'sidebet') {
          const placed = table.sidebet(one.player, { amount: one.amount, coin })
          if (placed.ok) {
            seat.cash -= lamports(one.amount)
            seat.bet = { amount: lamports(one.amount), end: table.tick + 40 }
          } else refused += 1
        } else if (one.kind === 'short') {
          if (table.openShort(one.player, { amount: one.amount, coin }).ok) {
            seat.cash -= lamports(one.amount)
            seat.short = lamports(one.amount)
          } else refused += 1
        } else if (table.closeShort(one.player).ok) {
          seat.cash += seat.short!
          seat.short = null
        } else refused += 1
        check()
      }

      table.openPresale()
      presale.forEach(act)
      table.start()
      orders.forEach(act)
      while (table.phase === 'active') tick()
      check()
    }),
    { numRuns: 10_000 },
  )
  expect(actions).toBeGreaterThan(50_000)
  expect(refused).toBeLessThan(actions)
})
