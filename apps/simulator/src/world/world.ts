import { openTable, type PriceParameters, priceParameters, type SeatView, type Trade, walkPrices } from '@vectra/game'
import { SimulatorError } from '../errors.ts'
import { type Accounts, openAccounts, type PlayerOptions } from './accounts.ts'
import { openAgenda } from './agenda.ts'
import { openBots } from './bots.ts'
import type { Core } from './core.ts'
import { type Era, eraShape } from './era.ts'
import { type ChatLine, chatPayload, sidebetPayload, traced, tradePayload, type WireEvent } from './events.ts'
import { type GameSeed, gameIdAt, gameSeed, openHistory } from './history.ts'
import type { Outgoing, RoundState } from './outgoing.ts'
import { makePerson, type Person } from './people.ts'
import { openPlayers, type Players } from './players.ts'
import { openRound } from './round.ts'
import { openRugpool } from './rugpool.ts'
import { openSideEvents } from './side-events.ts'
import { openStream } from './streams.ts'
import { TIMINGS } from './timings.ts'
import { openTradeSample } from './trade-sample.ts'

/** What a simulated world is made from. The same options give the same world, frame by frame. */
export interface WorldOptions {
  readonly seed: string
  readonly era?: Era
  /** Players that act by themselves; 20 by default. */
  readonly bots?: number
  /** First simulated moment, Unix ms; by default a day of the era. Game ids carry its date, so it is part of the seed. */
  readonly startAt?: number
  /** 0.005 by default: one game in 200 ticks. */
  readonly rugProbability?: number
  /** Rug ticks of the first games. Seeds are looked for that give them, so these games verify like any other; ticks up to about 600. */
  readonly rugTicks?: readonly number[]
  /** Players a client can log in as, beside anybody with a `sim:<name>` token. */
  readonly players?: readonly PlayerOptions[]
  /** Late and lost frames, double ticks, inflated ticks, unknown events: on by default. */
  readonly quirks?: boolean
  /** Milliseconds by which the timestamps in payloads are off. */
  readonly clockSkewMs?: number
}

/** A finished simulated game. */
export interface SimulatedGame extends GameSeed {
  readonly prices: readonly number[]
  /** False when a test forced or forbade its rug: such a game does not verify. */
  readonly fair: boolean
}

/** The game, its players and its noise, without clock or network: somebody else decides when time passes. */
export interface World {
  readonly options: Required<WorldOptions>
  readonly accounts: Accounts
  readonly players: Players
  /** Simulated time, Unix ms with fractions. */
  now(): number
  state(): RoundState
  /** When something happens next; never infinity. */
  nextAt(): number
  /** Does the next thing and moves the time to it. */
  step(): void
  /** Sends what is due to players soon (acks, follow-ups) at once, without time passing. */
  flushReplies(): void
  /** Runs `action` after `delay` simulated ms, or at the next `flushReplies`. */
  reply(delay: number, action: () => void): void
  connectFrame(): Readonly<Record<string, unknown>>
  greeting(): WireEvent[]
  /** Whether the next connection gets its full state late, after a newer light frame. */
  staleConnect(): boolean
  rugAt(tick: number, game: 'current' | 'next'): void
  setBalance(playerId: string, balances: { solana?: string; practice?: string }): void
  view(playerId: string): SeatView | undefined
  balance(playerId: string, coin: 'solana' | 'practice'): string
  /** Per coin, bank plus players; always zero, since every balance was paid by the bank. */
  total(coin: 'solana' | 'practice'): string
  /** An event of the test's own, to everybody. */
  emit(event: WireEvent): void
  /** The last thousand simulated games, oldest first. */
  games(): readonly SimulatedGame[]
}

const CROWD = 160
const KEPT_GAMES = 1000
const CHAT_KEPT = 20

/** Builds a world at its start. `send` hears everything it says. */
export function createWorld(options: WorldOptions, send: (outgoing: Outgoing) => void): World {
  const shape = eraShape(options.era ?? 'dec2025')
  const full: Required<WorldOptions> = {
    era: shape.era,
    bots: 20,
    startAt: shape.startAt,
    rugProbability: 0.005,
    rugTicks: [],
    players: [],
    quirks: true,
    clockSkewMs: 0,
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    seed: options.seed,
  }
  if (!(full.rugProbability >= 0 && full.rugProbability <= 1))
    throw new SimulatorError('SIM_OPTION', 'rugProbability is from 0 to 1')
  if (!Number.isInteger(full.bots) || full.bots < 0 || full.bots > 1000)
    throw new SimulatorError('SIM_OPTION', 'bots is a whole number from 0 to 1000')
  const stream = (name: string): ReturnType<typeof openStream> => openStream(full.seed, name)
  const streams: Core['streams'] = {
    games: stream('games'),
    timing: stream('timing'),
    quirks: stream('quirks'),
    crowd: stream('crowd'),
    ids: stream('ids'),
    trace: stream('trace'),
    chat: stream('chat'),
    sample: stream('sample'),
  }
  let now = full.startAt
  const agenda = openAgenda()
  const replies = openAgenda()
  const table = openTable({ gameId: '' })
  const [first, ...others] = Array.from({ length: CROWD }, () => makePerson(streams.crowd))
  const crowd: readonly [Person, ...Person[]] = [first ?? makePerson(streams.crowd), ...others]
  const accounts = openAccounts(full.players, (token) => stream(`account/${token}`))
  const bots = openBots({ count: full.bots, table, stream: stream('bots'), shape })
  const botOf = new Map(bots.people.map((person) => [person.id, person]))
  const history = openHistory({
    shape,
    seeds: () => gameSeed(streams.games, gameIdAt(streams.games, now)),
    stream: streams.crowd,
    crowd,
    now,
    rugProbability: full.rugProbability,
  })
  const games: SimulatedGame[] = []
  const chat: ChatLine[] = []
  let tradeCounter = 255
  const tradeIds = new WeakMap<Trade, string>()
  const forced = new Set<string>()
  const claimed = full.rugTicks.map((tick) => mineSeed(tick, streams.games, now, full.rugProbability))

  const sendPrivate = (playerId: string, event: WireEvent, delay = 0): void => {
    const deliver = (): void => send({ to: 'player', playerId, event })
    if (delay === 0) deliver()
    else replies.put(now + delay, deliver)
  }
  const core: Core = {
    shape,
    streams,
    agenda,
    table,
    history,
    bots,
    crowd,
    rugProbability: full.rugProbability,
    quirks: full.quirks,
    rugpool: openRugpool(stream('rugpool'), crowd, now),
    sideEvents: openSideEvents(shape, stream('side'), crowd, now),
    sample: openTradeSample(streams.sample),
    now: () => now,
    stamp: () => Math.floor(now + full.clockSkewMs),
    sendState(payload, isFull) {
      send({ to: 'all', event: { name: 'gameStateUpdate', args: [payload] }, full: isFull })
      players.followState()
    },
    broadcast: (event) => send({ to: 'all', event, full: false }),
    personOf: (playerId) => accounts.byPlayer(playerId)?.person ?? botOf.get(playerId) ?? first ?? crowd[0],
    tradeId(trade) {
      const id = tradeIds.get(trade) ?? (shape.richTrades ? streams.ids.uuid() : String(++tradeCounter))
      tradeIds.set(trade, id)
      return id
    },
    standings: () =>
      table.players().flatMap((id) => {
        const view = table.view(id)
        return view === undefined || !view.active ? [] : [{ person: core.personOf(id), view }]
      }),
    presaleStakes: () => table.players().reduce((sum, id) => sum + (table.view(id)?.positionQty.toNumber() ?? 0), 0),
    notifyPlayers: () => players.notifyAll(),
    noticeSidebet: (result, person, price) => players.noticeSidebet(result, person, price),
    noticeRug: (liquidations, settled) => players.noticeRug(liquidations, settled),
    claimSeed: () => claimed.shift() ?? null,
    onGameOver(seed, prices) {
      games.push({ ...seed, prices, fair: !forced.has(seed.gameId) })
      forced.delete(seed.gameId)
      games.splice(0, games.length - KEPT_GAMES)
    },
  }
  const round = openRound(core, 50)
  const players = openPlayers(
    core,
    () => round,
    () => chat,
    sendPrivate,
  )

  const showTrade = (trade: Trade): void => {
    const id = core.tradeId(trade)
    const leverage = shape.shorts && streams.sample.chance(0.1) ? streams.sample.integer(2, 5) : 1
    core.broadcast(
      traced(shape, streams.trace, 'standard/newTrade', tradePayload(shape, trade, core.personOf(trade.playerId), id, leverage)),
    )
  }
  const every = (points: (typeof TIMINGS)[keyof typeof TIMINGS], action: () => void): void => {
    const again = (): void => {
      agenda.put(now + streams.chat.quantile(points), () => {
        action()
        again()
      })
    }
    again()
  }
  every(TIMINGS.tradeSample, () => {
    if (round.state().phase === 'presale' && !shape.presaleTrades) return
    const trade = core.sample.take()
    if (trade !== undefined) showTrade(trade)
  })
  every(TIMINGS.chat, () => {
    const line = chatPayload(shape, streams.chat, streams.chat.pick(crowd), core.stamp(), chat.at(-1) ?? null)
    chat.push(line)
    chat.splice(0, chat.length - CHAT_KEPT)
    core.broadcast(traced(shape, streams.trace, 'newChatMessage', line))
  })
  every(TIMINGS.sideEvent, () => core.broadcast(core.sideEvents.any(core.stamp())))
  if (full.quirks) every(TIMINGS.unknownEvent, () => core.broadcast(core.sideEvents.unknown()))
  if (shape.era === 'aug2025') {
    every(TIMINGS.tradeSample, () => {
      const bettor = table
        .players()
        .map((id) => ({ id, bet: table.view(id)?.sidebet }))
        .find(({ bet }) => bet != null && bet.startTick === round.state().tick)
      if (bettor?.bet != null)
        core.broadcast({
          name: 'newSideBet',
          args: [sidebetPayload(shape, bettor.bet, core.personOf(bettor.id), round.state().gameId, core.stamp())],
        })
    })
  }

  return {
    options: full,
    accounts,
    players,
    now: () => now,
    state: round.state,
    nextAt: () => Math.min(agenda.nextAt(), replies.nextAt()),
    step() {
      const due = (replies.nextAt() <= agenda.nextAt() ? replies : agenda).take()
      if (due === undefined) return
      now = Math.max(now, due.at)
      due.action()
    },
    flushReplies() {
      for (let due = replies.take(); due !== undefined; due = replies.take()) due.action()
    },
    reply: (delay, action) => replies.put(now + delay, action),
    connectFrame: round.connectFrame,
    greeting: () => core.sideEvents.greeting(core.stamp()),
    staleConnect: () => full.quirks && round.state().phase === 'active' && streams.quirks.chance(0.3),
    rugAt(tick, game) {
      if (!Number.isInteger(tick) || tick < 1) throw new SimulatorError('SIM_OPTION', 'a game rugs at a whole tick, 1 or later')
      if (game === 'next') {
        claimed.unshift(mineSeed(tick, streams.games, now, full.rugProbability))
        return
      }
      forced.add(round.state().gameId)
      round.rugAt(tick)
    },
    setBalance(playerId, balances) {
      if (table.view(playerId) === undefined) throw new SimulatorError('SIM_OPTION', `${playerId} has no seat: log in first`)
      table.deposit(playerId, balances)
      const account = accounts.byPlayer(playerId)
      if (account !== undefined && players.online.has(playerId)) players.notifyAll()
    },
    view: (playerId) => table.view(playerId),
    balance: (playerId, coin) => table.balance(playerId, coin).toFixed(),
    total: (coin) => table.total(coin).toFixed(),
    emit: (event) => core.broadcast(event),
    games: () => [...games],
  }
}

/** How many seeds are tried for a rug at a wanted tick: enough for ticks up to about 600. */
const MINED = 40_000

/**
 * A seed whose own game rugs at `tick`, so that a game shaped by a test still verifies.
 *
 * @throws SimulatorError `SIM_OPTION` when none was found: late rugs are rare
 */
function mineSeed(tick: number, stream: Core['streams']['games'], now: number, rugProbability: number): GameSeed {
  if (!Number.isInteger(tick) || tick < 1) throw new SimulatorError('SIM_OPTION', 'a game rugs at a whole tick, 1 or later')
  const parameters = priceParameters('v3', { rugProbability, maxTicks: tick + 1 })
  const gameId = gameIdAt(stream, now)
  for (let tried = 0; tried < MINED; tried += 1) {
    const serverSeed = stream.hex(64)
    if (rugTickOf(serverSeed, gameId, parameters, tick) === tick) return gameSeed(stream, gameId, serverSeed)
  }
  throw new SimulatorError('SIM_OPTION', `no seed found that rugs at tick ${tick}: use the current game`, {
    context: { tick, tried: MINED },
  })
}

function rugTickOf(serverSeed: string, gameId: string, parameters: PriceParameters, limit: number): number {
  const walk = walkPrices(serverSeed, gameId, parameters)
  for (let tick = 1; tick <= limit; tick += 1) if (walk.next().rugged) return tick
  return limit + 1
}
