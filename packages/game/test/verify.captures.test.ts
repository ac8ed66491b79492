import { describe, expect, it } from 'vitest'
import { type CollectedGame, createGameCollector, type GameRecord, RUG_FACTOR, verifyGame } from '../src/index.ts'
import { capturesPresent, parseLiterals, recordedGames, statePayloads } from './captures.ts'

function collect(parse?: (text: string) => unknown): CollectedGame[] {
  const collector = createGameCollector()
  for (const payload of statePayloads(parse)) collector.add(payload)
  return collector.games()
}

/** The same text with the digit (or hex digit) at `index` replaced by another one. */
function flipped(text: string, index: number): string {
  const digit = text[index] ?? ''
  return text.slice(0, index) + (digit === '7' ? '3' : '7') + text.slice(index + 1)
}

describe.skipIf(!capturesPresent)('real games', () => {
  const games = capturesPresent ? collect() : []
  const seeded = games.filter((game) => game.serverSeed != null)

  it('every seeded game of the captures is fair: hash, every recorded price, rug tick, rug price and peak', () => {
    const reports = seeded.map((game) => verifyGame(game))
    expect(reports.filter((report) => report.verdict !== 'fair')).toEqual([])
    expect(reports.every((report) => report.hash.status === 'ok' && report.peak.status === 'ok')).toBe(true)
    expect(reports.every((report) => report.parameters?.rugProbability === 0.005)).toBe(true)
    const pathed = seeded.filter((game) => game.prices !== undefined)
    const prices = pathed.reduce((sum, game) => sum + (game.prices?.length ?? 0), 0)
    expect({ seeded: seeded.length, pathed: pathed.length, prices }).toEqual({ seeded: 32, pathed: 22, prices: 4874 })
  })

  it('rug ticks and prices of Feb 2026, known from won sidebets alone, are those of the seeds', () => {
    const feb = seeded.filter((game) => game.gameId.startsWith('202602'))
    expect(feb).toHaveLength(10)
    const reports = feb.map((game) => verifyGame(game))
    expect(reports.filter((report) => report.rugTick.status === 'ok').length).toBeGreaterThanOrEqual(8)
    const god = reports.find((report) => (report.path?.godCandles.length ?? 0) > 0)
    expect(god).toMatchObject({ gameId: '20260206-37b5f0ba6e014e7c', peak: { recorded: '1122.2782485733776' } })
    expect(god?.path?.godCandles).toEqual([{ tick: 365, before: 22.484799217692508, after: 224.8479921769251 }])
  })

  it('the game recorded live from presale to rug agrees with its seed at each of its frames', () => {
    const whole = seeded.find((game) => game.gameId === '20251212-6114b2ff44ef4b71')
    expect(whole).toMatchObject({ provenance: 'both', rugTick: 16, conflicts: [] })
    expect(whole?.ticks.size).toBe(17)
    expect(verifyGame(whole!).ticks).toEqual({ status: 'ok', compared: 34, equal: 34, firstDifference: null })
  })

  it('literals of the capture text verify like doubles', () => {
    const reports = collect(parseLiterals)
      .filter((game) => game.serverSeed != null)
      .map((game) => verifyGame(game))
    expect(reports).toHaveLength(seeded.length)
    expect(reports.filter((report) => report.verdict !== 'fair')).toEqual([])
  })

  it('a flipped digit in any price literal of any game is caught and named by its tick', { timeout: 120_000 }, () => {
    let flips = 0
    for (const game of collect(parseLiterals).filter((one) => one.prices !== undefined)) {
      const literals = (game.prices ?? []).map((price) => (price as { text: string }).text)
      // Every digit of a spread of ticks, and the last digit of every tick.
      const places = literals.flatMap((text, tick) => {
        const digits = [...text].flatMap((char, index) => (/\d/.test(char) ? [index] : []))
        return (tick % 60 === 0 || tick === literals.length - 1 ? digits : digits.slice(-1)).map((index) => ({ tick, index }))
      })
      const whole: GameRecord = { ...game, ticks: undefined, rugTick: undefined, rugPrice: undefined }
      const path = verifyGame(whole).path
      for (const { tick, index } of places) {
        const wrong = flipped(literals[tick] ?? '', index)
        if (Number(wrong) === path?.prices[tick] && wrong === literals[tick]) continue
        const report = verifyGame({ ...whole, prices: literals.with(tick, wrong) })
        flips += 1
        if (report.verdict !== 'mismatch' || report.ticks.firstDifference?.tick !== tick)
          expect.fail(`${game.gameId} tick ${tick}: ${wrong} passed`)
        expect(report.faults.some((fault) => fault.tick === tick || fault.field === 'rugPrice' || fault.field === 'gameId')).toBe(
          true,
        )
      }
    }
    expect(flips).toBeGreaterThan(5_000)
  })

  it('a flipped digit in seed, hash, id or peak is caught, and each is told from the others', () => {
    let flips = 0
    for (const game of collect(parseLiterals).filter((one) => one.serverSeed != null)) {
      for (const index of [0, 13, 31, 63]) {
        const seed = verifyGame({ ...game, serverSeed: flipped(game.serverSeed ?? '', index) })
        const hash = verifyGame({ ...game, serverSeedHash: flipped(game.serverSeedHash ?? '', index) })
        const id = verifyGame({ ...game, gameId: flipped(game.gameId, 9 + (index % 16)) })
        expect([game.gameId, seed.verdict, seed.hash.status]).toEqual([game.gameId, 'mismatch', 'mismatch'])
        expect([game.gameId, hash.verdict, hash.faults.map((fault) => fault.field)]).toEqual([
          game.gameId,
          'mismatch',
          ['serverSeedHash'],
        ])
        expect([game.gameId, id.verdict, id.hash.status]).toEqual([game.gameId, 'mismatch', 'ok'])
        if (game.prices !== undefined && game.prices.length > 4) {
          expect([game.gameId, seed.faults[0]?.field, id.faults[0]?.field]).toEqual([game.gameId, 'serverSeed', 'gameId'])
        }
        flips += 3
      }
      const peak = (game.peakMultiplier as { text: string }).text
      for (let index = 0; index < peak.length; index += 1) {
        if (!/\d/.test(peak[index] ?? '')) continue
        const report = verifyGame({ ...game, peakMultiplier: flipped(peak, index) })
        expect([game.gameId, index, report.verdict, report.faults.map((fault) => fault.field)]).toEqual([
          game.gameId,
          index,
          'mismatch',
          ['peakMultiplier'],
        ])
        flips += 1
      }
    }
    expect(flips).toBeGreaterThan(700)
  })

  it('60 recorded games without seeds: the rug price is 0.02 of the lowest price wherever the path is complete', () => {
    let complete = 0
    for (const { ticks } of recordedGames()) {
      const rug = ticks.find((tick) => tick.rugged && tick.phase === 'ACTIVE_GAMEPLAY')
      const prices = ticks.filter((tick) => tick.active && !tick.rugged).map((tick) => tick.price)
      if (rug === undefined || prices.length !== rug.tick) continue
      complete += 1
      expect(verifyGame({ gameId: rug.game_id, prices: [...prices, rug.price] })).toMatchObject({
        verdict: 'unverifiable',
        rugRule: { status: 'ok' },
      })
      expect(rug.price).toBe(Math.min(...prices) * RUG_FACTOR)
      expect(verifyGame({ gameId: rug.game_id, prices: [...prices, 0.02] }).verdict).toBe(
        Math.min(...prices) * RUG_FACTOR === 0.02 ? 'unverifiable' : 'mismatch',
      )
    }
    expect(complete).toBeGreaterThanOrEqual(50)
  })
})
