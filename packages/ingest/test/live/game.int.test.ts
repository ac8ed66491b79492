import type { EventEnvelope, FinishedGame, GameStateUpdate } from '@vectra/schemas'
import { describe, expect, it } from 'vitest'
import { importFile } from '../../src/index.ts'
import { liveState } from '../../src/live/live-state.ts'
import type { LiveGame, LiveState } from '../../src/live/state.ts'
import { captures, captureText } from '../support/captures.ts'
import { record } from '../support/record.ts'

async function statesOf(file: string): Promise<{ states: LiveState[]; events: EventEnvelope[] }> {
  const { sink } = await record(await importFile({ name: file, content: captureText(file) }))
  const { events } = sink
  const states: LiveState[] = []
  async function* stream(): AsyncGenerator<EventEnvelope> {
    yield* events
  }
  for await (const { state } of liveState(stream())) states.push(state)
  return { states, events }
}

describe.skipIf(captures === null)('live state over real captures', () => {
  it('shows the price of the frame, digit for digit, and never an older tick', async () => {
    const { states, events } = await statesOf('public-2025-12-12.jsonl')
    let checked = 0
    let before: LiveGame | null = null
    for (const [index, event] of events.entries()) {
      const game = states[index]?.game ?? null
      if (game && before?.gameId === game.gameId) expect(game.tick ?? 0).toBeGreaterThanOrEqual(before.tick ?? 0)
      before = game
      if (event.event_name !== 'gameStateUpdate') continue
      const update = event.payload as GameStateUpdate
      if (update.active !== true || game?.seq !== event._seq) continue
      expect(event.raw_json).toContain(`"price": ${game.price?.literal}`)
      expect(game.price?.value.toNumber()).toBe(update.price)
      checked += 1
    }
    expect(checked).toBeGreaterThan(150)
  })

  it('keeps the rug tick, not the inflated number of the second rug frame', async () => {
    const { states, events } = await statesOf('public-2025-12-12.jsonl')
    const rugFrames = events.filter((event) => (event.payload as GameStateUpdate | null)?.rugged === true)
    const firstOfGame = new Map<string, number>()
    for (const frame of rugFrames) {
      const { gameId, tickCount } = frame.payload as GameStateUpdate
      if (!firstOfGame.has(gameId) && tickCount !== undefined) firstOfGame.set(gameId, tickCount)
    }
    expect(firstOfGame.size).toBe(2)
    for (const [gameId, tick] of firstOfGame) {
      const shown = states.filter((state) => state.game?.gameId === gameId && state.game.rugged).map((state) => state.game?.tick)
      expect(new Set(shown)).toEqual(new Set([tick]))
    }
  })

  it('has the path the server published afterwards, tick by tick, and candles of five ticks made of it', async () => {
    const { states, events } = await statesOf('public-2025-12-12.jsonl')
    const published = new Map<string, FinishedGame>()
    for (const event of events) {
      for (const game of (event.payload as GameStateUpdate | null)?.gameHistory ?? []) published.set(game.id, game)
    }
    let compared = 0
    const last = new Map<string, LiveGame>()
    for (const { game } of states) if (game) last.set(game.gameId, game)
    for (const game of last.values()) {
      const prices = published.get(game.gameId)?.prices
      if (!prices) continue
      expect(game.path).toHaveLength(prices.length)
      for (const [tick, price] of game.path.entries()) {
        if (price === undefined) continue
        expect(price.toNumber()).toBe(prices[tick])
        compared += 1
      }
      for (const candle of game.candles.filter(({ ticks }) => ticks === 5)) {
        const five = prices.slice(candle.index * 5, candle.index * 5 + 5)
        expect([candle.open, candle.high, candle.low, candle.close].map(Number)).toEqual([
          five[0],
          Math.max(...five),
          Math.min(...five),
          five[4],
        ])
      }
    }
    expect(compared).toBeGreaterThan(100)
  })

  it('holds the finished game through the settlement, until the next one starts', async () => {
    const { states } = await statesOf('public-2025-12-12.jsonl')
    const phases = new Set(states.filter((state) => state.finished !== null).map((state) => state.game?.phase))
    expect(phases).toEqual(new Set(['cooldown', 'presale']))
    for (const { finished, leaderboard, game } of states) {
      if (finished && game?.phase === 'cooldown' && leaderboard) expect([finished.gameId]).toContain(leaderboard.gameId)
    }
  })

  it('fills the path from the connect frame, though that frame is older than what is shown', async () => {
    const { states } = await statesOf('raw-frames.jsonl')
    const games = states.map((state) => state.game).filter((game) => game !== null)
    expect(games.map((game) => game.tick).slice(0, 3)).toEqual([129, 129, 130])
    expect(games[1]?.path.filter((price) => price !== undefined)).toHaveLength(130)
    expect(games.at(-1)?.path.every((price) => price !== undefined)).toBe(true)
  })
})
