import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Decimal } from 'decimal.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQuery, type QueryEngine } from '../../src/query/engine.ts'
import { FRAMES, frames, present, RECORDED, recordedLines, storeCaptures } from './captures.ts'
import { collect } from './fixture.ts'

describe.skipIf(!present)('on real captures, written by the store', () => {
  let dir: string
  let query: QueryEngine

  beforeAll(async () => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-query-captures-'))
    await storeCaptures(dir)
    query = await openQuery({ dir })
  }, 120_000)

  afterAll(async () => {
    await query.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('P3: packet || raw_json is the frame, and payload its last argument, byte for byte', async () => {
    const expected = frames()
    const { rows } = await query.sql(`SELECT packet || raw_json, payload FROM ws_event WHERE session_id = $1 ORDER BY seq`, {
      params: [FRAMES],
    })
    expect(rows).toHaveLength(553)
    for (const [index, row] of rows.entries()) {
      expect(row[0] === `42${expected[index]?.raw_json}`).toBe(true)
      expect(JSON.parse(row[1] as string)).toEqual(expected[index]?.payload)
      expect(expected[index]?.raw_json.endsWith(`${row[1] as string}]`)).toBe(true)
    }
  })

  it('counts agree with the files', async () => {
    const { rows } = await query.sql(
      `SELECT event_name, count(*) FROM ws_event WHERE session_id = '${FRAMES}' GROUP BY ALL ORDER BY ALL`,
    )
    expect(rows).toEqual([
      ['battleEventUpdate', 1n],
      ['gameStateUpdate', 510n],
      ['newChatMessage', 11n],
      ['standard/newTrade', 31n],
    ])
    const events = await collect(query.events({ sessionId: RECORDED }))
    expect(events).toHaveLength(recordedLines().length)
  })

  it('every recorded game has its ticks, and rugs at lowest price × (1 − 0.98)', async () => {
    const lines = Map.groupBy(recordedLines(), ({ line }) => line.game_id)
    const games = (await collect(query.games())).filter((game) => game.sessions.includes(RECORDED))
    expect(games).toHaveLength(lines.size)
    let rugs = 0
    for (const game of games) {
      const own = (lines.get(game.gameId) ?? []).map(({ line }) => line).filter((line) => line.active)
      const rugTick = own.find((line) => line.rugged)?.tick
      const numbers = new Set(own.filter((line) => !line.rugged || line.tick === rugTick).map((line) => line.tick))
      const ticks = await collect(query.ticks({ gameId: game.gameId }))
      expect(ticks.map((tick) => tick.tick)).toEqual([...numbers].sort((a, b) => a - b))
      expect(game.rugTick).toBe(rugTick ?? null)
      expect(game.ticks).toBe(numbers.size)
      if (!game.complete) continue
      rugs++
      const lowest = Math.min(...ticks.filter((tick) => !tick.rugged).map((tick) => tick.price.toNumber()))
      expect(game.rugPrice?.toNumber()).toBe(lowest * (1 - 0.98))
    }
    expect(rugs).toBe(56)
    expect(games.filter((game) => game.reasons.includes('no_rug'))).toHaveLength(3)
  })

  it('trades are exact, and stand at the price of their tick', async () => {
    const trades = await collect(query.trades({ sessionId: FRAMES }))
    expect(trades).toHaveLength(31)
    const wire = new Map(frames().map((event) => [event._seq, event]))
    for (const trade of trades) {
      const raw = wire.get(trade.seq)?.raw_json ?? ''
      expect(trade.amount?.eq(new Decimal(/"amount": ([^,}]+)/.exec(raw)?.[1] ?? 'NaN'))).toBe(true)
      const tick = (await collect(query.ticks({ gameId: trade.gameId ?? '' }))).find((one) => one.tick === trade.tick)
      if (tick) expect(trade.price?.eq(tick.price)).toBe(true)
    }
  })

  it('sessions are whole', async () => {
    const sessions = await collect(query.sessions())
    expect(sessions.map(({ sessionId, missing, events, games }) => [sessionId, missing, events, games])).toEqual([
      [RECORDED, 0, recordedLines().length, 60],
      [FRAMES, 0, 553, 3],
    ])
  })
})
