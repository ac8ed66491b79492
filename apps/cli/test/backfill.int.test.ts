import { join } from 'node:path'
import { type Game, openEventStore, openQuery, type Tick } from '@vectra/event-store'
import { publicWsSource, systemClock, systemRandom } from '@vectra/ingest'
import { runRecorder } from '@vectra/recorder'
import { type Era, startSimulator } from '@vectra/simulator'
import { expect, it } from 'vitest'
import { scratch } from './run-cli.ts'

it.each<[Era, string]>([
  ['dec2025', 'gameHistory'],
  ['feb2026', 'seed'],
])(
  '%s: a recording that lost every sixth frame has every tick of its games, with the true price',
  async (era, by) => {
    using dir = scratch()
    const data = join(dir.path, 'data')
    const clock = systemClock()
    const random = systemRandom()
    await using sim = await startSimulator({
      seed: `lossy ${era}`,
      era,
      speed: 100,
      bots: 3,
      waitForClient: true,
      rugTicks: [60, 35, 50, 9],
      chaos: { drop: 0.17 },
    })
    const stop = new AbortController()
    {
      await using store = await openEventStore({ dir: data })
      const source = publicWsSource({ url: sim.url, clock, random })
      const recorder = runRecorder({ store, sources: [source], clock, random, signal: stop.signal })
      await sim.control.waitFor(() => sim.control.games().length >= 5)
      stop.abort()
      await recorder.finished
    }
    await using query = await openQuery({ dir: data })
    const games: Game[] = []
    for await (const game of query.games()) games.push(game)
    const origins = new Set<string>()
    for (const { gameId, prices } of sim.control.games().slice(0, 4)) {
      const ticks: Tick[] = []
      for await (const tick of query.ticks({ gameId })) ticks.push(tick)
      expect(ticks.map(({ tick }) => tick)).toEqual([...prices.keys()])
      expect(ticks.map(({ price }) => price.toNumber())).toEqual([...prices])
      expect(ticks.at(-1)?.rugged).toBe(true)
      for (const { origin } of ticks) if (origin !== null) origins.add(origin)
      const game = games.find((one) => one.gameId === gameId)
      expect(game).toMatchObject({ ticks: prices.length, rugTick: prices.length - 1 })
      // What else the lost frames said stays lost, and the gaps say so.
      expect(game?.reasons).toEqual(['gap'])
    }
    expect(origins).toContain('derived:partialPrices')
    expect([...origins].every((origin) => ['derived:partialPrices', 'derived:prices', `derived:${by}`].includes(origin))).toBe(
      true,
    )
  },
  120_000,
)
