import { existsSync, readdirSync } from 'node:fs'
import os from 'node:os'
import { describe, expect, it } from 'vitest'
import { openQuery } from '../../src/query/engine.ts'
import { Gate, parseSize } from '../../src/query/limits.ts'
import { nearest, positionOf } from '../../src/query/sql-error.ts'
import { collect, fixture, stateFrame, T0 } from './fixture.ts'

const ENDLESS = 'SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range * b.range = 7'

describe('stopping', () => {
  it('a signal stops a running statement with its reason, and the engine answers on', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const controller = new AbortController()
    const running = query.sql(ENDLESS, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await expect(running).rejects.toThrow('enough')
    expect((await query.sql('SELECT 1')).rows).toEqual([[1]])
  })

  it('a signal that was raised before stops everything before it starts', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const signal = AbortSignal.abort(new Error('never'))
    await expect(query.sql('SELECT 1', { signal })).rejects.toThrow('never')
    for (const items of [
      query.events({ signal }),
      query.games({ signal }),
      query.sessions({ signal }),
      query.trades({ signal }),
      query.ticks({ gameId: 'x', signal }),
      query.eventsAfter({}, { signal }),
      query.stream('SELECT 1', { signal }),
    ]) {
      await expect(collect<unknown>(items)).rejects.toThrow('never')
    }
  })

  it('a signal stops an iteration between rows fetched and rows given out', async () => {
    await using data = await fixture()
    await data.write(Array.from({ length: 60 }, (_, i) => stateFrame({ ts: T0 + i, seq: i + 1, tick: i, price: '1' })).flat())
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const controller = new AbortController()
    let seen = 0
    const iterate = async () => {
      for await (const _ of query.events({ pageRows: 5, signal: controller.signal }))
        if (++seen === 7) controller.abort(new Error('enough'))
    }
    await expect(iterate()).rejects.toThrow('enough')
    expect(seen).toBeLessThan(15)
  })

  it('break ends the work and releases the list of files', async () => {
    await using data = await fixture()
    await data.write(Array.from({ length: 60 }, (_, i) => stateFrame({ ts: T0 + i, seq: i + 1, tick: i, price: '1' })).flat())
    await using query = await openQuery({ dir: data.dir, source: data.source })
    for await (const event of query.events({ pageRows: 5 })) if (event.seq === 7) break
    expect(data.source.open).toBe(0)
  })

  it('more statements than places all get their turn, whatever fails among them', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source, concurrency: 2 })
    const results = await Promise.allSettled(
      Array.from({ length: 24 }, (_, i) =>
        i % 4 === 0
          ? query.sql("SELECT 1/0::INTEGER, error('no')")
          : i % 4 === 1
            ? query.sql(ENDLESS, { timeoutMs: 30 })
            : query.sql(`SELECT ${i}`),
      ),
    )
    const codes = results.map((result) =>
      result.status === 'fulfilled' ? result.value.rows[0]?.[0] : (result.reason as { code: string }).code,
    )
    expect(codes).toEqual(Array.from({ length: 24 }, (_, i) => (i % 4 === 0 ? 'QUERY_SQL' : i % 4 === 1 ? 'QUERY_TIMEOUT' : i)))
  })

  it('a stop that comes before the statement has started is not forgotten', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source, concurrency: 1 })
    const stopped = await Promise.allSettled(Array.from({ length: 20 }, () => query.sql(ENDLESS, { timeoutMs: 1 })))
    for (const result of stopped) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'QUERY_TIMEOUT' } })
    expect((await query.sql('SELECT 1')).rows).toEqual([[1]])
  })

  it('helpers used inside each other do not wait for each other', async () => {
    await using data = await fixture()
    const games = ['20251212-000000000000000a', '20251212-000000000000000b', '20251212-000000000000000c']
    await data.write(
      games.flatMap((game_id, g) =>
        [0, 1, 2].flatMap((tick) => stateFrame({ game_id, ts: T0 + g * 1000 + tick, seq: g * 3 + tick + 1, tick, price: '1' })),
      ),
    )
    await using query = await openQuery({ dir: data.dir, source: data.source, concurrency: 1 })
    let rows = 0
    for await (const game of query.games()) {
      for await (const tick of query.ticks({ gameId: game.gameId })) {
        for await (const event of query.eventsOfGame(tick.gameId, { pageRows: 1 })) rows += event.seq > 0 ? 1 : 0
      }
    }
    expect(rows).toBe(27)
  })

  it('close interrupts what runs, refuses what comes, and may be called twice', async () => {
    await using data = await fixture()
    const query = await openQuery({ dir: data.dir, source: data.source })
    const running = query.sql(ENDLESS)
    const outcome = expect(running).rejects.toMatchObject({ code: 'QUERY_CLOSED' })
    await Promise.all([query.close(), query.close()])
    await outcome
    await expect(query.sql('SELECT 1')).rejects.toMatchObject({ code: 'QUERY_CLOSED' })
    expect(() => query.games()).toThrow(/closed/)
    await query.close()
  })

  it('close removes the temporary directory it made', async () => {
    await using data = await fixture()
    const before = readdirSync(os.tmpdir()).filter((name) => name.startsWith(`vectra-query-${process.pid}-`))
    const query = await openQuery({ dir: data.dir, source: data.source, memoryLimit: '64MB', threads: 1 })
    await query.sql('SELECT max(n) FROM (SELECT row_number() OVER (ORDER BY hash(i), i) AS n FROM range(2000000) t(i))')
    await query.close()
    expect(readdirSync(os.tmpdir()).filter((name) => name.startsWith(`vectra-query-${process.pid}-`))).toEqual(before)
    expect(existsSync(data.dir)).toBe(true)
  })
})

describe('options', () => {
  it('caps rows by default and by call, and says so', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source, maxRows: 5 })
    expect(await query.sql('SELECT * FROM range(6)')).toMatchObject({ truncated: true, truncatedBy: 'rows' })
    expect(await query.sql('SELECT * FROM range(5)')).toMatchObject({ truncated: false, truncatedBy: null })
    expect((await query.sql('SELECT * FROM range(100)', { maxRows: 50 })).rows).toHaveLength(50)
    expect(await query.sql('SHOW TABLES')).toMatchObject({ truncated: true })
  })

  it.each([
    [{ maxRows: 0 }],
    [{ timeoutMs: -1 }],
    [{ threads: 1.5 }],
    [{ memoryLimit: 'lots' }],
    [{ maxTempSize: '' }],
    [{ concurrency: 0 }],
  ])('%j is a TypeError', async (options) => {
    await expect(openQuery({ dir: os.tmpdir(), ...options })).rejects.toThrow(TypeError)
  })

  it('streams every row without a cap', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source, maxRows: 5 })
    let sum = 0n
    for await (const row of query.stream('SELECT range AS n FROM range(10000)')) sum += row['n'] as bigint
    expect(sum).toBe(49_995_000n)
    await expect(collect(query.stream('DROP VIEW events'))).rejects.toMatchObject({ code: 'QUERY_FORBIDDEN' })
  })
})

describe('errors in SQL', () => {
  it.each([
    ['SELECT gameId FROM events', { line: 1, column: 8, suggestion: 'game_id' }],
    ['SELECT *\nFROM events\nWHERE sesion_id = 1', { line: 3, column: 7, suggestion: 'session_id' }],
    ['SELECT * FROM evnts', { line: 1, column: 15, suggestion: 'events' }],
    ['SELECT tickCount FROM game_tick', { suggestion: 'tick' }],
    ['SELEC 1', { line: 1, column: 1 }],
    ['EXPLAIN SELECT nope FROM events', { line: 1, column: 16 }],
    [`SELECT ${'seq, '.repeat(60)}_seq FROM events`, { line: 1, column: 308, suggestion: 'seq' }],
    [`SELECT 1,\n  'abc'::INTEGER AS n`, { line: 2 }],
  ])('%s', async (sql, context) => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const error = await query.sql(sql).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'QUERY_SQL', context })
    expect(String(error)).toContain('^')
  })

  it('an empty statement says what to try', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source })
    for (const sql of ['', ' ; ', '-- only a comment', '\0'])
      await expect(query.sql(sql)).rejects.toMatchObject({ code: 'QUERY_SQL' })
    await expect(query.sql(`SELECT 1 -- ${'x'.repeat(1_000_000)}`)).rejects.toMatchObject({ code: 'QUERY_FORBIDDEN' })
  })

  it('finds the nearest name, or none', () => {
    expect(nearest('sesion_id', ['session_id', 'seq'])).toBe('session_id')
    expect(nearest('completely_else', ['session_id', 'seq'])).toBeUndefined()
    expect(positionOf('no caret', 'x')).toBeUndefined()
  })
})

describe('parts of the machinery', () => {
  it.each([
    ['512MB', 512e6],
    ['1.5 GiB', 1.5 * 2 ** 30],
    ['10b', 10],
    [4096, 4096],
  ])('parseSize(%s)', (size, bytes) => expect(parseSize(size)).toBe(bytes))

  it('a gate lets in as many as it has places, in order, and an abort leaves the line', async () => {
    const gate = new Gate(1)
    const order: string[] = []
    const leave = await gate.enter()
    const controller = new AbortController()
    const enter = async (name: string) => {
      const done = await gate.enter()
      order.push(name)
      return done
    }
    const first = enter('first')
    const gone = gate.enter(controller.signal)
    const second = enter('second')
    controller.abort(new Error('left'))
    await expect(gone).rejects.toThrow('left')
    expect(order).toEqual([])
    leave()
    ;(await first)()
    ;(await second)()
    expect(order).toEqual(['first', 'second'])
    ;(await gate.enter())()
  })
})
