import { money, type PriceWalk, priceParameters, type SidebetResult, type Trade, walkPrices } from '@vectra/game'
import type { Core } from './core.ts'
import { crowdSidebets, payoutRecord, placedRecord, type SidebetRecord } from './crowd.ts'
import { fullFrame, minimalFrame, startFrame, tickFrame } from './frames.ts'
import { type GameSeed, gameIdAt, gameSeed } from './history.ts'
import { type LeaderboardEntry, rankStandings, SHOWN } from './leaderboard.ts'
import type { RoundState } from './outgoing.ts'
import { PRACTICE_ADDRESS, SOL_ADDRESS } from './people.ts'
import { RUG_NOTICE_MS, TIMINGS } from './timings.ts'

/** The endless loop of rounds: cooldown, presale, ticks, rug, and the frames of each. */
export interface Round {
  state(): RoundState
  /** Full state for somebody who connects now. */
  connectFrame(): Readonly<Record<string, unknown>>
  /** Everybody's standing; ranks go past ten. */
  standings(): readonly LeaderboardEntry[]
  /** Rugs the running or coming game at this tick, its seed notwithstanding. */
  rugAt(tick: number): void
  /** Keeps a fill in the counts and in the feed's sample. */
  onTrade(trade: Trade): void
  /** Keeps a placed bet for the game's history. */
  onSidebet(playerId: string): void
  /** Something about the standings changed between frames. */
  touch(): void
}

/** Of seven captured rounds one lost its 15000 frame, while its second rug frame came behind the next game's first step; three had it late. */
const REVEAL = { lost: 1 / 7, late: 3 / 7 } as const
const INFLATED = [0, 1, 1, 1, 1, 2, 2, 2, 3] as const

/** Starts with the reveal of the next game, `delay` ms from now. */
export function openRound(core: Core, delay: number): Round {
  const { shape, streams, table, history, agenda } = core
  const parameters = priceParameters('v3', { rugProbability: core.rugProbability })
  let seed: GameSeed = core.claimSeed() ?? nextSeed()
  let walk: PriceWalk = walkPrices(seed.serverSeed, seed.gameId, parameters)
  let prices: number[] = [1]
  let phase: RoundState['phase'] = 'cooldown'
  let timer = 15_000
  let tradeCount = 0
  let previousCount = streams.quirks.integer(40, 300)
  let rugAt: number | null = null
  let board: LeaderboardEntry[] = []
  let stale = false
  let lateRepeat: Readonly<Record<string, unknown>> | null = null
  let bets: { at: number; record: SidebetRecord }[] = []
  let connected = streams.quirks.integer(190, 260)

  table.newGame(seed.gameId)
  agenda.put(core.now() + delay, reveal)

  function nextSeed(): GameSeed {
    return gameSeed(streams.games, gameIdAt(streams.games, core.now() + 1000))
  }
  function after(points: (typeof TIMINGS)[keyof typeof TIMINGS], action: () => void): void {
    agenda.put(core.now() + streams.timing.quantile(points), action)
  }
  function facts(options: { board?: LeaderboardEntry[]; count?: number } = {}): Parameters<typeof tickFrame>[0] {
    return {
      shape,
      gameId: seed.gameId,
      serverSeedHash: seed.serverSeedHash,
      active: phase === 'active' || phase === 'rugged',
      rugged: phase === 'rugged',
      tick: prices.length - 1,
      price: prices.at(-1) ?? 1,
      prices: [...prices],
      cooldownTimer: timer,
      presale: phase === 'presale',
      leaderboard: (options.board ?? board).slice(0, SHOWN),
      connectedPlayers: connected,
      tradeCount: options.count ?? tradeCount,
      rugpool: core.rugpool.brief(),
      rugpoolState: core.rugpool.full,
      rugRoyale: core.sideEvents.royaleState(),
      royaleScheduled: core.sideEvents.royaleScheduled,
      history,
    }
  }
  function rank(): void {
    if (!stale) return
    stale = false
    board = rankStandings(seed.gameId, core.standings(), phase === 'presale')
  }
  function wander(): void {
    if (streams.quirks.chance(0.2)) connected = Math.min(292, Math.max(170, connected + streams.quirks.integer(-2, 2)))
  }

  function reveal(): void {
    phase = 'cooldown'
    timer = 15_000
    const late = core.quirks && streams.quirks.chance(REVEAL.late / (1 - REVEAL.lost))
    const frame = (): void => core.sendState(fullFrame({ ...facts(), cooldownTimer: 15_000 }), true)
    if (late && lateRepeat === null)
      agenda.put(core.now() + streams.timing.between(205, 320), () => {
        if (phase === 'cooldown') frame()
      })
    else if (lateRepeat === null) frame()
    after(TIMINGS.cooldownStep, cooldownStep)
  }
  function cooldownStep(): void {
    timer -= 100
    wander()
    if (timer > 10_000) {
      core.sendState(minimalFrame(facts()), false)
      if (lateRepeat !== null) core.sendState(lateRepeat, true)
      lateRepeat = null
      after(TIMINGS.cooldownStep, cooldownStep)
      return
    }
    phase = 'presale'
    table.openPresale()
    core.bots.newGame()
    board = []
    core.sendState(tickFrame(facts({ count: previousCount })), false)
    agenda.put(core.now() + 2, presaleFrame)
  }
  function presaleFrame(): void {
    const done = core.bots.presale()
    done.trades.forEach(onTrade)
    done.bettors.forEach(onSidebet)
    if (done.trades.length + done.bettors.length > 0) stale = true
    rank()
    core.sendState(minimalFrame(facts()), false)
    if (timer === 100) {
      after(TIMINGS.lastStepToStart, start)
      return
    }
    after(TIMINGS.cooldownStep, () => {
      timer -= 100
      wander()
      presaleFrame()
    })
  }
  function start(): void {
    core.notifyPlayers()
    phase = 'active'
    timer = 0
    table.start()
    core.sendState(startFrame(facts({ board: [] })), false)
    if (core.quirks && streams.quirks.chance(0.5)) {
      agenda.put(core.now() + streams.timing.between(10, 90), () => {
        if (phase === 'active' && prices.length === 1) core.sendState(fullFrame(facts({ board: [] })), true)
      })
    }
    core.notifyPlayers()
    after(TIMINGS.tick, tick)
  }
  function tick(): void {
    const number = prices.length
    const step = walk.next({ rugNow: rugAt !== null && number >= rugAt, keepAlive: rugAt !== null && number < rugAt })
    prices.push(step.price)
    if (step.rugged) {
      rug(step.tick, step.price)
      return
    }
    const { sidebets } = table.step(step.tick, step.price)
    settled(sidebets, step.price)
    wander()
    stale = true
    rank()
    // The first tick's frame still has the empty leaderboard of the start now and then.
    core.sendState(tickFrame(facts(number === 1 && core.quirks && streams.quirks.chance(0.5) ? { board: [] } : {})), false)
    const done = core.bots.tick()
    done.trades.forEach(onTrade)
    done.bettors.forEach(onSidebet)
    after(TIMINGS.tick, tick)
  }
  function rug(number: number, price: number): void {
    const lostPresale = core.presaleStakes()
    const { sidebets, liquidations } = table.rug(number, price)
    phase = 'rugged'
    tradeCount += liquidations.length
    settled(sidebets, price)
    const noticed = core.noticeRug(
      liquidations,
      sidebets.map((result) => result.playerId),
    )
    core.rugpool.onRug(number, lostPresale, core.stamp())
    stale = true
    rank()
    agenda.put(core.now() + (noticed ? RUG_NOTICE_MS : 0), () => {
      const rugAtTime = core.now()
      core.sendState(tickFrame(facts()), false)
      agenda.put(rugAtTime + streams.timing.quantile(TIMINGS.rugToRepeat), () => {
        const repeat = fullFrame(facts(), { inflate: core.quirks ? streams.quirks.pick(INFLATED) : 1 })
        if (core.quirks && streams.quirks.chance(REVEAL.lost)) lateRepeat = repeat
        else core.sendState(repeat, true)
        const drawing = core.sideEvents.goldenDrawing(core.stamp(), seed.gameId)
        if (drawing !== null) core.broadcast(drawing)
        after(TIMINGS.repeatToReveal, () => finish(number, price))
      })
    })
  }
  function finish(rugTick: number, rugPrice: number): void {
    const past = { gameId: seed.gameId, rugTick, rugPrice, endedAt: core.stamp() - 600 }
    const records = [
      ...crowdSidebets(streams.crowd, core.crowd, past).map((record) => ({ at: Number(record.timestamp), record })),
      ...bets,
    ].toSorted((a, b) => a.at - b.at)
    const before = prices.slice(0, -1)
    const jumpTick = before.findIndex((price, index) => index > 0 && price === (before[index - 1] ?? 0) * 10)
    history.add({
      ...seed,
      endedAt: past.endedAt,
      peak: Math.max(...before),
      prices: [...prices],
      sidebets: records.map(({ record }) => record),
      jump: jumpTick < 0 ? null : [before[jumpTick - 1] ?? 0, before[jumpTick] ?? 0],
    })
    core.onGameOver(seed, [...prices])
    seed = core.claimSeed() ?? nextSeed()
    walk = walkPrices(seed.serverSeed, seed.gameId, parameters)
    prices = [1]
    bets = []
    previousCount = tradeCount
    tradeCount = 0
    rugAt = null
    table.newGame(seed.gameId)
    reveal()
  }
  function settled(results: readonly (SidebetResult & { playerId: string })[], price: number): void {
    for (const result of results) {
      const person = core.personOf(result.playerId)
      const { bet } = result
      bets.push({
        at: core.stamp(),
        record: payoutRecord(
          {
            playerId: person.id,
            username: person.username,
            gameId: seed.gameId,
            betAmount: bet.amount.toNumber(),
            xPayout: 5,
            coinAddress: bet.coin === 'practice' ? PRACTICE_ADDRESS : SOL_ADDRESS,
          },
          { start: bet.startTick, won: result.won, settledAt: core.stamp(), level: person.level },
          { gameId: seed.gameId, rugTick: result.tickIndex, rugPrice: price, endedAt: core.stamp() },
          streams.ids.uuid(),
        ),
      })
      core.noticeSidebet(result, person, price)
    }
  }
  function onTrade(trade: Trade): void {
    tradeCount += 1
    core.sample.offer(trade)
  }
  function onSidebet(playerId: string): void {
    const bet = table.view(playerId)?.sidebet
    if (bet == null || bet.startTick === 0) return
    const person = core.personOf(playerId)
    bets.push({
      at: core.stamp(),
      record: placedRecord(
        {
          playerId,
          username: person.username,
          gameId: seed.gameId,
          betAmount: bet.amount.toNumber(),
          xPayout: 5,
          coinAddress: bet.coin === 'practice' ? PRACTICE_ADDRESS : SOL_ADDRESS,
        },
        { start: bet.startTick, placedAt: core.stamp(), bonus: false, practice: bet.coin === 'practice' },
        streams.ids.uuid(),
      ),
    })
  }

  return {
    state: () => ({
      gameId: seed.gameId,
      serverSeedHash: seed.serverSeedHash,
      phase,
      tick: prices.length - 1,
      price: prices.at(-1) ?? 1,
      cooldownTimer: timer,
    }),
    connectFrame: () => fullFrame(facts(), { connect: true }),
    standings() {
      rank()
      return board
    },
    rugAt(at) {
      rugAt = Math.max(money(at).toNumber(), prices.length)
    },
    onTrade,
    onSidebet,
    touch() {
      stale = true
    },
  }
}
