import { openTable, type Table, type Trade } from '@vectra/game'
import type { Micros } from '@vectra/schemas'
import { type PlannedGame, planGame, sampleRandom } from './plan.ts'
import { CHAT, PLAYERS, type Player } from './players.ts'
import {
  finishedGame,
  fullState,
  leaderboardEntry,
  type Moment,
  minimalState,
  newTrade,
  startState,
  tickState,
} from './shapes.ts'

/** One frame of the sample, in the order and at the time the server would send it. */
export interface SampleFrame {
  readonly at: Micros
  /** `42["gameStateUpdate",{…}]` */
  readonly text: string
}

/** How a sample is made. */
export interface SampleOptions {
  /** The same seed and start give the same bytes. */
  readonly seed: string
  /** Time of the first frame, UTC, microseconds. */
  readonly startAt: Micros
  /** Whole rounds. Default 2. */
  readonly games?: number
  /** Shortest and longest round. Default 24 to 48 ticks: 6 to 12 s. */
  readonly minTicks?: number
  readonly maxTicks?: number
}

/**
 * A feed that never was: whole rounds with every phase, trades, chat and rugs, shaped like the frames of February 2026.
 *
 * Prices follow from seeds that are revealed in the next full frame, money from the trading rules, so that everything which
 * checks a real recording can check this one. It holds no captured data.
 *
 * @see domain/events.md sections 3, 4, 6
 */
export function* sampleFeed({
  seed,
  startAt,
  games = 2,
  minTicks = 24,
  maxTicks = 48,
}: SampleOptions): Generator<SampleFrame, void, undefined> {
  const random = sampleRandom(seed)
  const date = new Date(startAt / 1_000).toISOString().slice(0, 10).replaceAll('-', '')
  const plan = (): PlannedGame => planGame(random, date, { minTicks, maxTicks })
  const history = Array.from({ length: 3 }, (_, index) =>
    finishedGame(plan(), Math.floor(startAt / 1_000) - 40_000 * (index + 1)),
  )
  const connected = 180 + Math.floor(random.next() * 90)
  let game = plan()
  let now = startAt
  const table = openTable({ gameId: game.id })
  for (const player of PLAYERS) table.deposit(player.id, { solana: 25 })

  const pass = (ms: number): void => {
    now += Math.round(ms * 1_000)
  }
  const jitter = (ms: number): number => ms * (0.92 + random.next() * 0.16)
  const frame = (name: string, ...args: readonly unknown[]): SampleFrame => ({
    at: now,
    text: `42${JSON.stringify([name, ...args])}`,
  })
  const traced = (name: string, payload: unknown): SampleFrame =>
    frame(name, { __trace: true, traceparent: `00-${random.hex(32)}-${random.hex(16)}-01` }, payload)
  const state = (payload: unknown): SampleFrame => frame('gameStateUpdate', payload)
  let tradeCount = 0
  const moment = (part: Partial<Moment>): Moment => ({
    game,
    tick: 0,
    price: 1,
    active: false,
    rugged: false,
    cooldown: 0,
    presale: false,
    connected,
    tradeCount,
    leaderboard: standings(table, part.presale === true),
    ...part,
  })
  const hear = (trade: Trade, price: number): SampleFrame => {
    tradeCount += 1
    return traced('standard/newTrade', newTrade(uuid(random.hex), playerOf(trade.playerId), trade, trade.tick, price))
  }
  const chat = (): SampleFrame => {
    const { id, username, level } = random.pick(PLAYERS)
    return traced('newChatMessage', {
      playerId: id,
      username,
      level,
      message: random.pick(CHAT),
      timestamp: Math.floor(now / 1_000),
      filtered: false,
      role: null,
      tag: null,
      verified: false,
      discordUsername: null,
      replyTo: null,
    })
  }

  yield state(fullState(moment({ cooldown: 12_000 }), history, { connecting: true }))
  yield traced('goldenHourUpdate', {
    status: 'COMPLETED',
    activeEventId: null,
    currentGameIsGolden: false,
    currentEvent: null,
    upcomingEvents: [],
    events: [],
  })
  yield frame('rugRoyaleUpdate', { status: 'INACTIVE', activeEventId: null, currentEvent: null, upcomingEvents: [], events: [] })
  yield traced('maintenanceUpdate', { active: false, message: '', mega: false })

  for (let round = 0, cooldown = 11_900; round < games; round += 1, cooldown = 14_900) {
    for (; cooldown > 10_000; cooldown -= 100) {
      pass(jitter(100))
      yield state(minimalState(moment({ cooldown })))
    }
    table.openPresale()
    pass(jitter(100))
    yield state(tickState(moment({ cooldown: 10_000, presale: true })))
    const early: Trade[] = []
    for (let timer = 10_000; timer >= 100; timer -= 100) {
      yield state(minimalState(moment({ cooldown: timer, presale: true })))
      const player = timer % 1_000 === 0 ? PLAYERS[timer / 1_000 - 1] : undefined
      if (player?.early) {
        const order = table.buy(player.id, { amount: player.stake })
        if (order.ok) early.push(order.trade)
      }
      if (timer === 7_300) yield chat()
      pass(jitter(100))
    }
    pass(38)
    table.start()
    tradeCount = 0
    yield state(startState(moment({ active: true, leaderboard: [] })))
    for (const trade of early) yield hear(trade, 1)

    const { prices, rugTick, rugPrice } = game.path
    for (let tick = 1; tick < rugTick; tick += 1) {
      pass(jitter(250))
      const price = prices[tick] ?? 1
      table.step(tick, price)
      for (const [seat, player] of PLAYERS.entries()) {
        if ((tick + seat) % player.pace !== 0) continue
        const holds = table.view(player.id)?.positionQty.gt(0) === true
        const order = holds
          ? table.sell(player.id, { percentage: random.pick([25, 50, 100]) })
          : table.buy(player.id, { amount: player.stake })
        if (order.ok) yield hear(order.trade, price)
      }
      yield state(tickState(moment({ tick, price, active: true })))
      if (tick % 17 === 0) yield chat()
    }
    pass(jitter(250))
    // Forced sells raise the count of trades but are not announced.
    tradeCount += table.rug(rugTick, rugPrice).liquidations.length
    yield state(tickState(moment({ tick: rugTick, price: rugPrice, active: true, rugged: true })))
    pass(jitter(620))
    // The server's artefact: a second rug frame, a tick or more too high, whose history does not know this game yet.
    yield state(fullState(moment({ tick: rugTick + 1, price: rugPrice, active: true, rugged: true }), history))
    pass(300)
    history.unshift(finishedGame(game, Math.floor(now / 1_000)))
    history.splice(10)
    const final = standings(table, false)
    game = plan()
    yield state(fullState(moment({ cooldown: 15_000, leaderboard: final }), history))
    table.newGame(game.id)
  }
  for (let cooldown = 14_900; cooldown >= 14_500; cooldown -= 100) {
    pass(jitter(100))
    yield state(minimalState(moment({ cooldown })))
  }
}

function standings(table: Table, presale: boolean): Moment['leaderboard'] {
  return PLAYERS.flatMap((player) => {
    const view = table.view(player.id)
    return view?.active === true ? [{ player, view }] : []
  })
    .sort((a, b) => b.view.pnl.cmp(a.view.pnl))
    .map(({ player, view }, index) => leaderboardEntry(player, view, index + 1, presale))
}

function playerOf(id: string): Player {
  return PLAYERS.find((player) => player.id === id) ?? PLAYERS[0]
}

function uuid(hex: (digits: number) => string): string {
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`
}
