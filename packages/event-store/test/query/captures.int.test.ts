import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type EventEnvelope, type Micros, splitArguments } from '@vectra/schemas'
import { Decimal } from 'decimal.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQuery, type QueryEngine } from '../../src/query/engine.ts'
import { openEventStore } from '../../src/store.ts'
import { collect } from './fixture.ts'

const captures = process.env['VECTRA_CAPTURES'] ?? path.resolve(import.meta.dirname, '../../../../../shared/captures')
const present = existsSync(path.join(captures, 'public-2025-12-12.jsonl'))
if (!present) {
  process.stderr.write(`\n!!! SKIPPED: no captures at ${captures}; set VECTRA_CAPTURES to run the query layer on real data\n\n`)
  if (process.env['CI'] === 'true') throw new Error(`no captures at ${captures}, and CI must have them`)
}

const FRAMES = '019b1b2c-0000-7000-8000-0000000000f1'
const RECORDED = '019b1b2c-0000-7000-8000-0000000000f2'

const micros = (naive: string): Micros => Date.parse(`${naive.slice(0, 23)}Z`) * 1000 + Number(naive.slice(23, 26))

interface Line {
  readonly event: string
  readonly ts: string
  readonly data: unknown
}

const common = { _source: 'replay', direction: 'received', ack_id: null, trace_id: null, issues: null, acked: null } as const

/** The frames of the public capture, each rebuilt from the line's own text. */
function frames(): EventEnvelope[] {
  let game: string | null = null
  return readFileSync(path.join(captures, 'public-2025-12-12.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((text, index): EventEnvelope => {
      const line = JSON.parse(text) as Line
      const data = text.slice(text.indexOf('"data": ') + 8, -1)
      const raw_json = `["${line.event}",${Array.isArray(line.data) ? data.slice(1) : `${data}]`}`
      const { payload, payloadIndex } = splitArguments((JSON.parse(raw_json) as unknown[]).slice(1))
      const own = (payload as { gameId?: string } | null)?.gameId
      if (line.event === 'gameStateUpdate') game = own ?? game
      const identity = {
        _ts: micros(line.ts),
        _seq: index + 1,
        _session_id: FRAMES,
        _game_id: own ?? game,
        origin: null,
        doc_type: 'ws_event',
      } as const
      return {
        ...common,
        ...identity,
        event_name: line.event,
        packet: '42',
        raw_json,
        payload_index: payloadIndex === null ? null : payloadIndex + 1,
        payload,
      }
    })
}

interface RecordedLine {
  readonly type: string
  readonly timestamp: string
  readonly game_id: string
  readonly tick: number
  readonly price: number
  readonly active: boolean
  readonly rugged: boolean
}

function recordedLines(): { text: string; line: RecordedLine }[] {
  const dir = path.join(captures, 'recorded-games')
  return readdirSync(dir).flatMap((file) =>
    readFileSync(path.join(dir, file), 'utf8')
      .split('\n')
      .flatMap((text) => {
        try {
          const line = JSON.parse(text) as RecordedLine
          return line.type === 'tick' ? [{ text, line }] : []
        } catch {
          return []
        }
      }),
  )
}

/** The ticks of the recorded games, which never were frames. */
const recorded = (): EventEnvelope[] =>
  recordedLines().map(({ text, line }, index) => ({
    ...common,
    _ts: micros(line.timestamp),
    _seq: index + 1,
    _session_id: RECORDED,
    _game_id: line.game_id,
    origin: 'import:recorded_game',
    doc_type: 'game_tick',
    event_name: 'tick',
    packet: '',
    raw_json: text,
    payload_index: null,
    payload: line,
  }))

describe.skipIf(!present)('on real captures, written by the store', () => {
  let dir: string
  let query: QueryEngine

  beforeAll(async () => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-query-captures-'))
    const store = await openEventStore({ dir, flush: { maxEvents: 2_000 } })
    await store.openSession({ sessionId: FRAMES, source: 'replay' })
    await store.openSession({ sessionId: RECORDED, source: 'replay', origin: 'import:recorded_game' })
    for (const events of [frames(), recorded()])
      for (let at = 0; at < events.length; at += 1_000) await store.append(events.slice(at, at + 1_000))
    await store.flush()
    await store.endSession(FRAMES)
    await store.endSession(RECORDED)
    await store.close()
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
