import type { Micros } from '@vectra/schemas'
import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openQuery } from '../../src/query/engine.ts'
import type { EventRow } from '../../src/query/events.ts'
import { collect, fixture, GAME, SESSION, stateFrame, T0, type TestRow } from './fixture.ts'

const OTHER = '019b1b2c-0000-7000-8000-0000000000b2'
const MS = 1_000

/** A whole game: cooldown, presale, ticks 0…n−1, the rug at tick n, and the full rug frame with an inflated tick. */
function wholeGame(
  options: { rug?: number; artefact?: number; gameId?: string; from?: Micros; seq?: number; session?: string } = {},
): TestRow[] {
  const { rug = 4, artefact = 2, gameId = GAME, from = T0, seq = 1, session = SESSION } = options
  let at = seq
  let ts = from
  const rows: TestRow[] = []
  const add = (row: Omit<TestRow, 'ts' | 'seq'>, gap = 250 * MS) => {
    rows.push(...stateFrame({ ts, seq: at++, game_id: gameId, session_id: session, ...row }))
    ts += gap
  }
  add({ active: null, rugged: null, phase: 'cooldown', cooldown_ms: 14_900 })
  add({ active: false, rugged: false, phase: 'presale', cooldown_ms: 10_000, tick: 0, price: '1', trade_count: 250 })
  add({ tick: 0, price: '1' })
  add({ tick: 0, price: '1' })
  for (let tick = 1; tick < rug; tick++) add({ tick, price: `1.${tick}00000000000000001`, trade_count: tick * 3 })
  add({ rugged: true, phase: 'rugged', tick: rug, price: '0.020000000000000018', trade_count: rug * 3 + 20 })
  add({ rugged: true, phase: 'rugged', tick: rug + artefact, price: '0.020000000000000018' })
  return rows
}

describe('ticks', () => {
  it.each([[0], [1], [2], [3]])('holds each tick once, and not the second rug frame (inflated by %i)', async (artefact) => {
    await using data = await fixture()
    await data.write(wholeGame({ artefact }))
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const ticks = await collect(query.ticks({ gameId: GAME }))
    expect(ticks.map(({ tick, rugged, tradeCount }) => [tick, rugged, tradeCount])).toEqual([
      [0, false, null],
      [1, false, 3],
      [2, false, 6],
      [3, false, 9],
      [4, true, 32],
    ])
    expect(ticks[4]?.price.toFixed()).toBe('0.020000000000000018')
    expect(ticks[1]?.price.eq(new Decimal('1.100000000000000001'))).toBe(true)
    // The first of the two tick-0 frames is kept, and it is not the presale frame.
    expect(ticks[0]).toMatchObject({ seq: 3, sessionId: SESSION, origin: null })
  })

  it('the first frame after connecting may be older than the one before it', async () => {
    await using data = await fixture()
    await data.write([
      ...stateFrame({ ts: T0, seq: 1, tick: 129, price: '2.9', trade_count: 9 }),
      ...stateFrame({ ts: T0 + 1, seq: 2, tick: 128, price: '2.8' }),
      ...stateFrame({ ts: T0 + 2, seq: 3, tick: 130, price: '3', trade_count: 9 }),
      ...stateFrame({ ts: T0 + 3, seq: 4, tick: 129, price: '2.9', trade_count: 9 }),
    ])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const ticks = await collect(query.ticks({ gameId: GAME }))
    expect(ticks.map(({ tick, price, seq }) => [tick, price.toFixed(), seq])).toEqual([
      [128, '2.8', 2],
      [129, '2.9', 1],
      [130, '3', 3],
    ])
  })

  it('recording that begins between the two rug frames knows no rug tick', async () => {
    await using data = await fixture()
    const rows = wholeGame()
    // Ticks 1 and 2 with counts, then the full rug frame only.
    await data.write([...rows.slice(8, 12), ...rows.slice(-2)])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect((await collect(query.ticks({ gameId: GAME }))).map((tick) => tick.tick)).toEqual([1, 2])
    expect(await collect(query.games())).toMatchObject([
      { rugged: false, rugTick: null, lastTick: 2, complete: false, reasons: ['no_start', 'rug_tick_unknown'] },
    ])
  })

  it('connecting after the rug gives two full frames, and no rug tick either', async () => {
    await using data = await fixture()
    const [connect, full] = [20, 21].map((seq, i) =>
      stateFrame({ ts: T0 + 9_000 * MS + i, seq, rugged: true, tick: 6 - i, price: '0.02' }),
    )
    await data.write([...wholeGame().slice(8, 12), ...(connect ?? []), ...(full ?? [])])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect((await collect(query.ticks({ gameId: GAME }))).map((tick) => tick.tick)).toEqual([1, 2])
    expect(await collect(query.games())).toMatchObject([{ rugTick: null, reasons: ['no_start', 'rug_tick_unknown'] }])
  })

  it('a game without any trade count rugs at the lowest tick that says so', async () => {
    await using data = await fixture()
    await data.write([
      ...stateFrame({ ts: T0, seq: 1, tick: 0, price: '1' }),
      ...stateFrame({ ts: T0 + 1, seq: 2, tick: 1, price: '0.02', rugged: true }),
      ...stateFrame({ ts: T0 + 2, seq: 3, tick: 2, price: '0.02', rugged: true }),
    ])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect((await collect(query.ticks({ gameId: GAME }))).map((tick) => [tick.tick, tick.rugged])).toEqual([
      [0, false],
      [1, true],
    ])
    expect(await collect(query.games())).toMatchObject([{ rugTick: 1, ticks: 2, complete: true }])
  })

  it('another recording that saw the first rug frame settles it', async () => {
    await using data = await fixture()
    await data.write(wholeGame())
    await data.write(
      stateFrame({ ts: T0 + 9_000 * MS, seq: 1, session_id: OTHER, rugged: true, tick: 6, price: '0.020000000000000018' }),
    )
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect((await collect(query.ticks({ gameId: GAME }))).map((tick) => tick.tick)).toEqual([0, 1, 2, 3, 4])
  })

  it('an instant rug at tick 0 or 1 is a game, too', async () => {
    await using data = await fixture()
    await data.write([
      ...stateFrame({ ts: T0, seq: 1, tick: 0, price: '1' }),
      ...stateFrame({ ts: T0 + 1, seq: 2, tick: 1, price: '0.02', rugged: true, trade_count: 5 }),
      ...stateFrame({ ts: T0 + 2, seq: 3, tick: 3, price: '0.02', rugged: true }),
    ])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect((await collect(query.ticks({ gameId: GAME }))).map((tick) => [tick.tick, tick.rugged])).toEqual([
      [0, false],
      [1, true],
    ])
  })

  it('captured ticks stand before derived ones, whatever came first', async () => {
    await using data = await fixture()
    await data.write([
      {
        ...stateFrame({ ts: T0, seq: 1, tick: 5, price: '1.5' })[1],
        origin: 'derived:seed',
        session_id: OTHER,
        ts: T0,
      } as TestRow,
      {
        ...stateFrame({ ts: T0, seq: 2, tick: 6, price: '1.6' })[1],
        origin: 'derived:seed',
        session_id: OTHER,
        ts: T0,
      } as TestRow,
      ...stateFrame({ ts: T0 + 5, seq: 1, tick: 5, price: '1.5' }),
    ])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect((await collect(query.ticks({ gameId: GAME }))).map((tick) => [tick.tick, tick.origin])).toEqual([
      [5, null],
      [6, 'derived:seed'],
    ])
  })

  it('is the same for any order of arrival, repeats and second recordings', async () => {
    const frames = wholeGame({ rug: 12 }).filter((row) => row.doc_type === 'game_tick')
    const steps = frames.slice(2, -2)
    const run = async (kept: readonly { index: number; other: boolean }[]) => {
      await using data = await fixture()
      const rows = kept.map(({ index, other }, i) => ({
        ...(steps[index] as TestRow),
        ts: T0 + i,
        seq: i + 1,
        session_id: other ? OTHER : SESSION,
      }))
      const rug = frames.slice(-2).map((row, i) => ({ ...row, ts: T0 + 1_000 + i, seq: 1_000 + i }))
      await data.write([...rows, ...rug])
      await using query = await openQuery({ dir: data.dir, source: data.source })
      return (await collect(query.ticks({ gameId: GAME }))).map((tick) => [tick.tick, tick.price.toFixed(), tick.rugged])
    }
    const arrival = fc.array(fc.record({ index: fc.nat(steps.length - 1), other: fc.boolean() }), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(arrival, async (kept) => {
        const numbers = [...new Set(kept.map(({ index }) => steps[index]?.tick as number))].sort((a, b) => a - b)
        const found = await run(kept)
        expect(found.map(([tick]) => tick)).toEqual([...numbers, 12])
        expect(found.at(-1)).toEqual([12, '0.020000000000000018', true])
      }),
      { numRuns: 15 },
    )
  })
})

describe('games', () => {
  it('knows a complete game', async () => {
    await using data = await fixture()
    await data.write(wholeGame())
    await data.write([trade({ ts: T0 + 900 * MS, seq: 90 }), trade({ ts: T0 + 900 * MS, seq: 91 })])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const [game, ...rest] = await collect(query.games())
    expect(rest).toEqual([])
    expect(game).toEqual({
      gameId: GAME,
      firstTs: T0,
      lastTs: T0 + 8 * 250 * MS,
      ticks: 5,
      lastTick: 4,
      peak: new Decimal('1.300000000000000001'),
      rugged: true,
      rugTick: 4,
      rugPrice: new Decimal('0.020000000000000018'),
      // 250 stands in the presale frame, and is the game before.
      trades: 32,
      tradesSeen: 2,
      sessions: [SESSION],
      complete: true,
      reasons: [],
      completeness: { complete: true, reasons: [] },
    })
  })

  it('says why a game is not complete', async () => {
    await using data = await fixture()
    const live = wholeGame({ gameId: '20251212-00000000000000a1', from: T0 }).slice(0, -4)
    const holed = wholeGame({ gameId: '20251212-00000000000000a2', from: T0 + 60_000 * MS, seq: 100 }).filter(
      (row) => row.tick !== 2,
    )
    const late = wholeGame({ gameId: '20251212-00000000000000a3', from: T0 + 120_000 * MS, seq: 200 }).slice(8)
    const waiting = wholeGame({ gameId: '20251212-00000000000000a4', from: T0 + 180_000 * MS, seq: 300 }).slice(0, 2)
    const gapped = wholeGame({ gameId: '20251212-00000000000000a5', from: T0 + 240_000 * MS, seq: 400 })
    const gap: TestRow = {
      doc_type: 'system_event',
      event_name: 'gap',
      direction: 'internal',
      packet: '',
      raw_json: '{}',
      ts: T0 + 240_500 * MS,
      seq: 500,
    }
    await data.write([...live, ...holed, ...late, ...waiting, ...gapped, gap])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const games = await collect(query.games())
    expect(games.map((game) => [game.gameId.slice(-2), game.reasons])).toEqual([
      ['a1', ['no_rug']],
      ['a2', ['missing_ticks']],
      ['a3', ['no_start']],
      ['a4', ['no_start', 'no_rug']],
      ['a5', ['gap']],
    ])
    expect(games[3]).toMatchObject({ ticks: 0, lastTick: null, peak: null, trades: null })
    expect(games.every((game) => game.complete === false)).toBe(true)
  })

  it('a gap of one recording is none of the game when another recording saw it whole', async () => {
    await using data = await fixture()
    const gap: TestRow = {
      doc_type: 'system_event',
      event_name: 'gap',
      direction: 'internal',
      packet: '',
      raw_json: '{}',
      ts: T0 + 500 * MS,
      seq: 500,
    }
    await data.write([...wholeGame(), gap, ...wholeGame({ session: OTHER })])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect(await collect(query.games())).toMatchObject([{ complete: true, sessions: [SESSION, OTHER], ticks: 5 }])
  })

  it('filters and sorts', async () => {
    await using data = await fixture()
    const ids = ['1', '2', '3'].map((n) => `20251212-000000000000000${n}`)
    for (const [i, gameId] of ids.entries()) await data.write(wholeGame({ gameId, from: T0 + i * 60_000 * MS, seq: i * 100 + 1 }))
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const found = async (filter: Parameters<typeof query.games>[0]) =>
      (await collect(query.games(filter))).map((game) => game.gameId.slice(-1)).join('')
    expect(await found({})).toBe('123')
    expect(await found({ order: 'desc' })).toBe('321')
    expect(await found({ order: 'desc', limit: 1 })).toBe('3')
    expect(await found({ gameId: ids[1] ?? '' })).toBe('2')
    expect(await found({ since: T0 + 60_000 * MS })).toBe('23')
    expect(await found({ until: T0 + 60_000 * MS })).toBe('1')
    expect(await found({ limit: 0 })).toBe('')
  })
})

function trade(row: TestRow, payload: Record<string, unknown> = {}): TestRow {
  const body = { id: `id-${row.session_id ?? SESSION}-${row.seq}`, leverage: 1, coin: 'solana', ...payload }
  return {
    doc_type: 'ws_event',
    event_name: 'standard/newTrade',
    packet: '42',
    payload_index: 2,
    raw_json: JSON.stringify(['standard/newTrade', { __trace: true, traceparent: '00-a-b-01' }, body]),
    game_id: GAME,
    action: 'buy',
    tick: 3,
    price: '1.3',
    amount: '0.01',
    qty: '0.007692307',
    player_id: 'did:privy:cm1',
    username: null,
    ...row,
  }
}

describe('trades', () => {
  it('each once, with exact amounts, however many recordings hold it', async () => {
    await using data = await fixture()
    await data.write([
      trade({ ts: T0, seq: 1 }, { id: 'a' }),
      trade({ ts: T0 + 5, seq: 1, session_id: OTHER }, { id: 'a' }),
      trade({ ts: T0 + 1, seq: 2, action: 'short_open', qty: '0', username: '漢' }, { id: 'b', leverage: 4, coin: 'free' }),
      // An id of Aug 2025 is a small counter, and comes again in another game.
      trade({ ts: T0 + 2, seq: 3, game_id: '20250801-0000000000000001' }, { id: 'a' }),
      trade({ ts: T0 + 3, seq: 4 }, { id: undefined }),
      trade({ ts: T0 + 4, seq: 5 }, { id: undefined }),
    ])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const trades = await collect(query.trades())
    expect(trades.map((one) => [one.id, one.seq, one.sessionId === SESSION])).toEqual([
      ['a', 1, true],
      ['b', 2, true],
      ['a', 3, true],
      [null, 4, true],
      [null, 5, true],
    ])
    expect(trades[1]).toEqual({
      id: 'b',
      gameId: GAME,
      ts: T0 + 1,
      tick: 3,
      action: 'short_open',
      playerId: 'did:privy:cm1',
      username: '漢',
      amount: new Decimal('0.01'),
      qty: new Decimal('0'),
      price: new Decimal('1.3'),
      leverage: 4,
      coin: 'free',
      sessionId: SESSION,
      seq: 2,
    })
  })

  it("gives the frame's own digits where a column had to round", async () => {
    await using data = await fixture()
    const raw_json =
      '["standard/newTrade",{"__trace":true},{"id":"x","amount":0.012000000000000002,"qty":5,"price":1.0000000000000000000001}]'
    await data.write([trade({ ts: T0, seq: 1, amount: '0.012', qty: '5', price: '1', inexact: 'amount,price', raw_json })])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const [found] = await collect(query.trades())
    expect([found?.amount?.toFixed(), found?.qty?.toFixed(), found?.price?.toFixed()]).toEqual([
      '0.012000000000000002',
      '5',
      '1.0000000000000000000001',
    ])
  })

  it('filters', async () => {
    await using data = await fixture()
    await data.write(
      [1, 2, 3, 4].map((seq) =>
        trade({
          ts: T0 + seq,
          seq,
          player_id: seq % 2 ? 'odd' : 'even',
          session_id: seq < 3 ? SESSION : OTHER,
          game_id: `20251212-000000000000000${seq}`,
        }),
      ),
    )
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const found = async (filter: Parameters<typeof query.trades>[0]) =>
      (await collect(query.trades(filter))).map((one) => one.seq)
    expect(await found({})).toEqual([1, 2, 3, 4])
    expect(await found({ playerId: 'odd' })).toEqual([1, 3])
    expect(await found({ sessionId: OTHER })).toEqual([3, 4])
    expect(await found({ gameId: '20251212-0000000000000002' })).toEqual([2])
    expect(await found({ since: T0 + 2, until: T0 + 4 })).toEqual([2, 3])
    expect(await found({ limit: 1 })).toEqual([1])
  })
})

it('sessions tells what each recording holds', async () => {
  await using data = await fixture()
  const system = (event_name: string, ts: Micros, seq: number, session_id = SESSION): TestRow => ({
    doc_type: 'system_event',
    event_name,
    direction: 'internal',
    packet: '',
    raw_json: '{}',
    ts,
    seq,
    session_id,
  })
  await data.write([
    system('session_start', T0, 1),
    ...wholeGame({ from: T0 + 1, seq: 2 }),
    system('gap', T0 + 9_000_000, 11),
    system('session_end', T0 + 9_000_001, 12),
  ])
  await data.write([
    system('session_start', T0 + 5, 1, OTHER),
    { ...system('connect', T0 + 6, 4, OTHER), source: 'replay', origin: 'import:x' },
  ])
  await using query = await openQuery({ dir: data.dir, source: data.source })
  expect(await collect(query.sessions())).toEqual([
    {
      sessionId: SESSION,
      source: 'public_ws',
      origin: null,
      firstTs: T0,
      lastTs: T0 + 9_000_001,
      firstSeq: 1,
      lastSeq: 12,
      events: 12,
      missing: 0,
      gaps: 1,
      games: 1,
      ended: true,
    },
    {
      sessionId: OTHER,
      source: 'public_ws',
      origin: 'import:x',
      firstTs: T0 + 5,
      lastTs: T0 + 6,
      firstSeq: 1,
      lastSeq: 4,
      events: 2,
      missing: 2,
      gaps: 0,
      games: 0,
      ended: false,
    },
  ])
})

describe('events', () => {
  it('gives each event once, in order, with its frame', async () => {
    await using data = await fixture()
    await data.write(wholeGame())
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const events = await collect(query.eventsOfGame(GAME))
    expect(events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(events.every((event) => event.doc_type === 'ws_event')).toBe(true)
    expect(events[4]).toMatchObject({
      ts: T0 + 1_000 * MS,
      date: '2025-12-12',
      packet: '42',
      raw_json: '["gameStateUpdate",{}]',
      price: new Decimal('1.100000000000000001'),
    })
    expect(await collect(query.eventsOfGame('20990101-0000000000000000'))).toEqual([])
  })

  const seqs = (events: readonly EventRow[]) => events.map((event) => event.seq)

  it('filters by everything it says', async () => {
    await using data = await fixture()
    await data.write([
      ...wholeGame(),
      trade({ ts: T0 + 100, seq: 50 }),
      trade({ ts: T0 + 86_400_000_000, seq: 51, session_id: OTHER }),
    ])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect(seqs(await collect(query.events({ events: ['standard/newTrade', 'newTrade'] })))).toEqual([50, 51])
    expect(seqs(await collect(query.events({ events: [] })))).toEqual([])
    expect(seqs(await collect(query.events({ sessionId: OTHER })))).toEqual([51])
    expect(seqs(await collect(query.events({ docTypes: ['game_tick'], until: T0 + 1 })))).toEqual([1])
    expect(await collect(query.events({ docTypes: ['game_tick', 'ws_event'], until: T0 + 1 }))).toHaveLength(2)
    expect(seqs(await collect(query.events({ since: T0 + 86_400_000_000 })))).toEqual([51])
    expect(seqs(await collect(query.events({ since: T0 + 100, until: T0 + 250 * MS })))).toEqual([50])
    expect(seqs(await collect(query.events({ order: 'desc', limit: 3 })))).toEqual([51, 9, 8])
    expect(seqs(await collect(query.events({ limit: 0 })))).toEqual([])
    expect(await collect(query.events({ gameId: `${GAME}' OR '1'='1` }))).toEqual([])
  })

  it('pages of any size, both ways, give the same events as one', async () => {
    const row = fc.record({
      ts: fc.integer({ min: 0, max: 3 }),
      session: fc.constantFrom(SESSION, OTHER),
      day: fc.integer({ min: 0, max: 1 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 25 }), fc.integer({ min: 1, max: 6 }), async (rows, pageRows) => {
        await using data = await fixture()
        const half = Math.ceil(rows.length / 2)
        const all = rows.map(
          (one, i) =>
            stateFrame({
              ts: T0 + one.ts + one.day * 86_400_000_000,
              seq: i + 1,
              session_id: one.session,
              tick: i,
              price: '1',
            })[0] as TestRow,
        )
        for (const part of [all.slice(0, half), all.slice(half)]) if (part.length > 0) await data.write(part)
        await using query = await openQuery({ dir: data.dir, source: data.source })
        const expected = all
          .toSorted(
            (a, b) => a.ts - b.ts || String(a.session_id).localeCompare(String(b.session_id)) || Number(a.seq) - Number(b.seq),
          )
          .map((one) => Number(one.seq))
        expect(seqs(await collect(query.events({ pageRows })))).toEqual(expected)
        expect(seqs(await collect(query.events({ pageRows, order: 'desc' })))).toEqual(expected.toReversed())
      }),
      { numRuns: 12 },
    )
  })
})

describe('tail', () => {
  it('gives every event behind a cursor once, whatever the clock does, in steps of any size', async () => {
    const clock = fc.array(fc.record({ ts: fc.integer({ min: -3, max: 3 }), other: fc.boolean() }), {
      minLength: 1,
      maxLength: 20,
    })
    await fc.assert(
      fc.asyncProperty(clock, fc.integer({ min: 1, max: 5 }), async (steps, limit) => {
        await using data = await fixture()
        await using query = await openQuery({ dir: data.dir, source: data.source })
        const cursor: Record<string, number> = {}
        const seen: string[] = []
        const drain = async () => {
          for (;;) {
            let got = 0
            for await (const event of query.eventsAfter(cursor, { limit })) {
              got++
              // Each session's numbers rise without a hole: nothing is skipped.
              expect(event.seq).toBe((cursor[event.session_id] ?? 0) + 1)
              cursor[event.session_id] = event.seq
              seen.push(`${event.session_id} ${event.seq}`)
            }
            if (got === 0) return
          }
        }
        const next = { [SESSION]: 0, [OTHER]: 0 }
        for (const [i, step] of steps.entries()) {
          const session_id = step.other ? OTHER : SESSION
          await data.write(stateFrame({ ts: T0 + i + step.ts, seq: ++next[session_id], session_id, tick: i, price: '1' }))
          if (i % 3 === 0) await drain()
        }
        await drain()
        expect(seen).toHaveLength(steps.length)
        expect(await query.cursor()).toEqual(cursor)
      }),
      { numRuns: 8 },
    )
  })

  it('starts where the cursor is, and takes new sessions in', async () => {
    await using data = await fixture()
    await data.write(wholeGame())
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const cursor = await query.cursor()
    expect(cursor).toEqual({ [SESSION]: 9 })
    const generation = query.generation()
    expect(await collect(query.eventsAfter(cursor))).toEqual([])
    await data.write([
      ...stateFrame({ ts: T0 + 9e9, seq: 10, tick: 1, price: '1' }),
      trade({ ts: T0 + 8e9, seq: 1, session_id: OTHER }),
    ])
    expect(query.generation()).not.toBe(generation)
    const fresh = await collect(query.eventsAfter(cursor))
    expect(fresh.map((event) => [event.session_id, event.seq])).toEqual([
      [OTHER, 1],
      [SESSION, 10],
    ])
    expect(await collect(query.eventsAfter(cursor, { events: ['standard/newTrade'] }))).toHaveLength(1)
    expect(await collect(query.eventsAfter(cursor, { sessionId: SESSION }))).toHaveLength(1)
  })
})
