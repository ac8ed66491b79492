import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EventStore, openEventStore } from '@vectra/event-store'
import { createPipeline, type ReplayRecord, replaySource, systemClock, systemRandom } from '@vectra/ingest'
import { sampleFeed } from '@vectra/recorder'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { scratch, startCli, vectra } from './run-cli.ts'

const START = 1_770_365_059_440_000
const sample = (seed: string, startAt = START): ReplayRecord[] =>
  [...sampleFeed({ seed, startAt })].map(({ at, text }) => ({ at, text, direction: 'received' }))
const RECORDS = sample('read')
const dir = scratch()
const data = join(dir.path, 'data')

/** Records frames at their own times, as fast as it goes. */
async function store(into: EventStore, records: readonly ReplayRecord[]): Promise<void> {
  const clock = systemClock()
  await createPipeline({
    source: replaySource(records, { clock, speed: 'max', times: 'recorded' }),
    sink: into,
    clock,
    random: systemRandom(),
  }).run()
}

beforeAll(async () => {
  await using open = await openEventStore({ dir: data, flush: { maxEvents: 10_000 } })
  await store(open, RECORDS)
})
afterAll(() => dir[Symbol.dispose]())

const ask = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await vectra([...args, '--data-dir', data])
  expect({ code, stderr: stderr.replace(/^.*(more with --|trades; more).*\n/gm, '') }).toEqual({ code: 0, stderr: '' })
  return stdout
}
const objects = async (...args: string[]): Promise<Record<string, unknown>[]> =>
  (await ask(...args, '--json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const ids = [...new Set(RECORDS.map(({ text }) => /"gameId":"([^"]+)"/.exec(String(text))?.[1] ?? '').filter((id) => id !== ''))]
const [firstGame = '', secondGame = ''] = ids

it('games lists both games complete, newest first', async () => {
  const list = await objects('games')
  expect(list.map(({ game_id }) => game_id)).toEqual([...ids].reverse())
  expect(list.slice(1)).toMatchObject([
    { complete: true, rugged: true },
    { complete: true, rugged: true },
  ])
  expect(list[1]?.first_ts).toMatch(/^2026-02-06T08:04:.*Z$/)
  const text = await ask('games')
  expect(text.split('\n')[0]).toMatch(/^game +first seen \(UTC\) +ticks +peak +rug tick +rug price +trades +state$/)
  expect(text).toMatch(new RegExp(`^${firstGame} .* complete$`, 'm'))
  expect(await objects('games', '--limit', '1')).toHaveLength(1)
  expect((await vectra(['games', '--since', '2026-03-01', '--data-dir', data])).stdout).toBe('')
})

it('game shows phases, price path and trades, by id or by its end; JSON has every tick', async () => {
  const text = await ask('game', firstGame.slice(-8), '--trades', '3')
  expect(text).toMatch(new RegExp(`^game +${firstGame}$`, 'm'))
  expect(text).toMatch(/^state +complete$/m)
  expect(text).toMatch(/^phases +cooldown .*presale .*active .*rugged/m)
  expect(text).toMatch(/^price +[▁▂▃▄▅▆▇█]+ rug$/m)
  expect(text.match(/^ *\d+ +(buy|sell) /gm)).toHaveLength(3)
  const [report] = await objects('game', firstGame)
  const prices = report?.prices as { tick: number; price: number; rugged: boolean }[]
  expect(prices.map(({ tick }) => tick)).toEqual(prices.map((_, index) => index))
  expect(prices.at(-1)).toMatchObject({ rugged: true, tick: report?.rug_tick })
  const last = RECORDS.map(({ text: frame }) => String(frame)).find(
    (frame) =>
      frame.startsWith(`42["gameStateUpdate",{"gameId":"${firstGame}"`) &&
      frame.includes('"active":true,"price"') &&
      frame.includes('"rugged":true'),
  )
  expect(prices.at(-1)?.price).toBe(Number(/"price":([\d.e-]+)/.exec(last ?? '')?.[1]))
  expect(report?.trade_list).toHaveLength(
    RECORDS.filter(({ text: frame }) => String(frame).includes('newTrade') && String(frame).includes(firstGame)).length,
  )
  expect(await ask('game', firstGame, '--ticks')).toMatch(/^ *0 +1 +2026-02-06 /m)
  const two = await vectra(['game', '20260206', '--data-dir', data])
  expect(two).toMatchObject({ code: 1, stderr: expect.stringMatching(/3 games begin or end with 20260206/) })
})

it('events filters, and --raw gives the frames back byte for byte', async () => {
  const raw = await ask('events', '--raw', '--limit', '100000', '--direction', 'received')
  expect(raw).toBe(RECORDS.map(({ text }) => `${String(text)}\n`).join(''))
  const trades = await objects('events', '--event', 'standard/newTrade', '--game', secondGame, '--limit', '1000')
  expect(trades.length).toBe(
    RECORDS.filter(({ text }) => String(text).includes('newTrade') && String(text).includes(secondGame)).length,
  )
  expect(trades[0]).toMatchObject({
    event_name: 'standard/newTrade',
    doc_type: 'ws_event',
    game_id: secondGame,
    source: 'replay',
    direction: 'received',
    seq: expect.any(Number),
  })
  const ticks = await objects('events', '--type', 'game_tick', '--limit', '5')
  expect(ticks).toHaveLength(5)
  expect(ticks[0]).toMatchObject({ doc_type: 'game_tick', raw_json: null })
  const text = await ask('events', '--last', '--limit', '2', '--event', 'session_start', 'session_end')
  expect(text.trim().split('\n')).toHaveLength(2)
  expect(text).toMatch(/· session_end/)
  const early = await objects('events', '--until', '2026-02-06T08:04:20Z', '--limit', '1000')
  expect(early.length).toBeGreaterThan(3)
  for (const { ts } of early) expect(String(ts) < '2026-02-06T08:04:20').toBe(true)
})

it('names and chat of strangers cannot steer the terminal', async () => {
  const text = await ask('events', '--event', 'standard/newTrade', '--limit', '1000')
  expect(text).toContain('月光')
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
})

it('sessions, store stats and store ls agree with SQL, in both forms', async () => {
  const [session] = await objects('sessions')
  const [counted] = JSON.parse(await ask('query', 'SELECT count(*) AS n FROM events WHERE packet IS NOT NULL', '--json'))
  expect(session).toMatchObject({ source: 'replay', events: counted.n, missing: 0, gaps: 0, games: 3, state: 'ended' })
  expect(await ask('sessions')).toContain(String(session?.session_id))
  const [stats] = await objects('store', 'stats')
  const byType: { doc_type: string; n: number }[] = JSON.parse(
    await ask('query', 'SELECT doc_type, count(*) AS n FROM events GROUP BY 1', '--json'),
  )
  const types = stats?.doc_types as { doc_type: string; rows: number; files: number }[]
  expect(new Map(types.map(({ doc_type, rows }) => [doc_type, rows]))).toEqual(
    new Map(byType.map(({ doc_type, n }) => [doc_type, n])),
  )
  expect(await ask('store', 'stats')).toMatch(/^total +[\d,]+ +\d+ /m)
  const files = await objects('store', 'ls')
  expect(files).toHaveLength(types.reduce((sum, { files: count }) => sum + count, 0))
  expect(files[0]).toMatchObject({
    path: expect.stringMatching(/^events_parquet\/doc_type=.*\.parquet$/),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect((await ask('store', 'ls', '--type', 'game_tick')).trim().split('\n')).toHaveLength(2)
})

it('store recover on a healthy directory changes nothing', async () => {
  expect(JSON.parse(await ask('store', 'recover', '--json'))).toMatchObject({
    sessions: [],
    rows: 0,
    quarantined: [],
    failures: [],
    catalog_rebuilt: false,
  })
  expect(await ask('store', 'recover')).toMatch(/^recovered +0 rows/m)
})

it('query answers in every format, and prices keep every digit', async () => {
  const sql = "SELECT tick, price, username FROM ws_event WHERE event_name = 'standard/newTrade' ORDER BY seq LIMIT 2"
  const json: { tick: number; price: number; username: string | null }[] = JSON.parse(await ask('query', sql, '--format', 'json'))
  expect(json).toHaveLength(2)
  expect(
    (await ask('query', sql, '--format', 'ndjson'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(json)
  const csv = (await ask('query', sql, '--format', 'csv')).split('\r\n')
  expect(csv[0]).toBe('tick,price,username')
  expect(csv[1]).toBe(`${json[0]?.tick},${json[0]?.price},${json[0]?.username ?? ''}`)
  expect(await ask('query', sql)).toMatch(/^tick +price +username/)
  expect(
    await ask(
      'query',
      'SELECT 12345678901234567890::HUGEINT AS big, 0.1234567890123456789012345::DECIMAL(38,25) AS exact',
      '--json',
    ),
  ).toContain('{"big":"12345678901234567890","exact":"0.1234567890123456789012345"}')
})

it('query reads a file or stdin, writes a file, caps rows and says so', async () => {
  const file = join(dir.path, 'q.sql')
  writeFileSync(file, '-- all of them\nSELECT seq FROM events ORDER BY seq')
  const capped = await vectra(['query', '-f', file, '--format', 'csv', '--max-rows', '3', '--data-dir', data])
  expect({ code: capped.code, lines: capped.stdout.trim().split('\r\n').length }).toEqual({ code: 0, lines: 4 })
  expect(capped.stderr).toMatch(/the first 3 rows: more with --max-rows/)
  const piped = await vectra(['query', '-', '--json', '--data-dir', data], { input: 'SELECT 1 AS one' })
  expect(JSON.parse(piped.stdout)).toEqual([{ one: 1 }])
  const out = join(dir.path, 'out.json')
  const written = await vectra(['query', 'SELECT 1 AS one', '--json', '-o', out, '--data-dir', data])
  expect(written).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/^1 row, .* in /) })
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual([{ one: 1 }])
  const parquet = join(dir.path, 'out.parquet')
  const exported = await vectra([
    'query',
    'SELECT * FROM game_tick',
    '--format',
    'parquet',
    '-o',
    parquet,
    '--json',
    '--data-dir',
    data,
  ])
  expect(JSON.parse(exported.stdout)).toMatchObject({ path: parquet, rows: expect.any(Number) })
  expect(readFileSync(parquet).subarray(0, 4).toString()).toBe('PAR1')
})

it('an empty data directory answers with nothing, and says so on stderr', async () => {
  using empty = scratch()
  for (const verb of ['games', 'sessions', 'events']) {
    const { code, stdout, stderr } = await vectra([verb, '--data-dir', empty.path])
    expect({ verb, code, stdout }).toEqual({ verb, code: 0, stdout: '' })
    expect(stderr).toMatch(/^no /)
  }
})

it('a reader that leaves early (| head -1) ends the command quietly with exit 0', async () => {
  const running = startCli(['events', '--limit', '100000', '--json', '--data-dir', data])
  running.child.stdout?.once('data', () => running.child.stdout?.destroy())
  const { code, stderr } = await running.done
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

it('tail shows the last events, then each new one once, and stops on a signal with exit 0', async () => {
  using fresh = scratch()
  await using open = await openEventStore({ dir: fresh.path, flush: { maxEvents: 10_000 } })
  await store(open, sample('tail-1'))
  const tail = startCli([
    'tail',
    '--json',
    '-n',
    '2',
    '--interval',
    '50ms',
    '--event',
    'standard/newTrade',
    'session_end',
    '--data-dir',
    fresh.path,
  ])
  await tail.seen(/session_end/)
  const second = sample('tail-2', START + 600_000_000)
  await store(open, second)
  await tail.seen(/session_end[\s\S]*session_end/)
  tail.child.kill('SIGINT')
  const { code, stdout } = await tail.done
  expect(code).toBe(0)
  const lines: { event_name: string; session_id: string; seq: number }[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const trades = second.filter(({ text }) => String(text).includes('"standard/newTrade"')).length
  expect(lines.map(({ event_name }) => event_name)).toEqual([
    'standard/newTrade',
    'session_end',
    ...Array.from({ length: trades }, () => 'standard/newTrade'),
    'session_end',
  ])
  expect(new Set(lines.map(({ session_id, seq }) => `${session_id} ${seq}`)).size).toBe(lines.length)
})
