import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CAPTURES, HAVE_CAPTURES, linesOf, recordedGames } from './captures.ts'
import { type CliResult, scratch, vectra } from './run-cli.ts'

interface ImportAnswer {
  readonly total: Readonly<Record<'files' | 'lines' | 'events' | 'new' | 'duplicates' | 'broken' | 'issues', number>>
  readonly files: readonly { file: string; format: string; new: number }[]
  readonly broken_lines: readonly { file: string; line: number; reason: string }[]
  readonly failed: readonly { file: string; code: string; exit: number }[]
}
const answer = ({ stdout }: CliResult): ImportAnswer => JSON.parse(stdout)

describe.runIf(HAVE_CAPTURES)('all captures into an empty directory', () => {
  const dir = scratch()
  const data = join(dir.path, 'data')
  let first: CliResult
  beforeAll(async () => {
    first = await vectra(['import', CAPTURES, '--json', '--data-dir', data])
  }, 120_000)
  afterAll(() => dir[Symbol.dispose]())

  const rows = async (sql: string): Promise<Record<string, unknown>[]> => {
    const { code, stdout, stderr } = await vectra(['query', sql, '--json', '--data-dir', data])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout)
  }

  it('every line is accounted for and the 19 broken ones are named', () => {
    expect(first.code).toBe(0)
    const lines = [...recordedGames(), 'public-2025-12-12.jsonl', 'raw-frames.jsonl'].map((name) => linesOf(name))
    const broken = lines.flat().filter((line) => line === null).length
    const { total, broken_lines } = answer(first)
    expect(broken).toBe(19)
    expect(total).toMatchObject({
      files: 63,
      lines: lines.flat().length + 11,
      new: lines.flat().length + 11 - broken,
      duplicates: 0,
      broken,
    })
    const byFile = Map.groupBy(broken_lines, ({ file }) => file.split('/').at(-1) ?? '')
    expect([...byFile].map(([file, list]) => [file, list.length])).toEqual([
      ['game_20251031_151152.jsonl', 18],
      ['game_20251102_202224.jsonl', 1],
    ])
    expect(byFile.get('game_20251102_202224.jsonl')?.[0]).toMatchObject({ line: 4 })
    for (const { reason } of broken_lines) expect(reason).not.toBe('')
  })

  it('vectra query agrees with counts taken from the files', async () => {
    const expected = new Map<string, number>()
    const count = (key: string): void => void expected.set(key, (expected.get(key) ?? 0) + 1)
    for (const line of linesOf('public-2025-12-12.jsonl'))
      count(line?.event === 'connect' ? 'system connect' : `event_log ${String(line?.event)}`)
    for (const line of linesOf('raw-frames.jsonl')) count(`raw_frames ${String(line?.event_type)}`)
    const samples: Record<string, { event_type: string }> = JSON.parse(readFileSync(join(CAPTURES, 'key-samples.json'), 'utf8'))
    for (const { event_type } of Object.values(samples)) count(`key_samples ${event_type}`)
    for (const name of recordedGames())
      for (const line of linesOf(name)) if (line !== null) count(`recorded_game ${String(line.type)}`)

    const stored = await rows(`
      SELECT CASE WHEN event_name = 'connect' THEN 'system connect' ELSE concat(origin[8:], ' ', event_name) END AS key, count(*) AS n
      FROM events WHERE raw_json IS NOT NULL AND event_name NOT IN ('session_start', 'session_end', 'error') GROUP BY 1`)
    expect(new Map(stored.map(({ key, n }) => [key, n]))).toEqual(expected)
    expect(await rows('SELECT count(*) AS n FROM ws_event')).toEqual([{ n: 120 + 553 + 11 }])
    expect(
      await rows("SELECT count(*) AS n FROM game_tick WHERE origin = 'import:recorded_game' AND raw_json IS NOT NULL"),
    ).toEqual([{ n: expected.get('recorded_game tick') }])
    expect(
      await rows('SELECT count(*) - count(DISTINCT (session_id, seq)) AS twice FROM events WHERE raw_json IS NOT NULL'),
    ).toEqual([{ twice: 0 }])
  })

  it('a second import adds nothing, whatever the files are called', async () => {
    const { total: before } = answer(first)
    const copy = join(dir.path, 'renamed.jsonl')
    cpSync(join(CAPTURES, 'raw-frames.jsonl'), copy)
    const rowsBefore = await rows('SELECT count(*) AS n FROM events')
    const again = await vectra(['import', CAPTURES, copy, '--json', '--data-dir', data])
    expect(again.code).toBe(0)
    expect(answer(again).total).toMatchObject({ files: 64, new: 0, duplicates: before.new + 120 })
    expect(await rows('SELECT count(*) AS n FROM events')).toEqual(rowsBefore)
  }, 120_000)

  it('store verify finds nothing wrong', async () => {
    const { code, stdout } = await vectra(['store', 'verify', '--json', '--data-dir', data])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, findings: [] })
  }, 60_000)
})

it('a bad file does not keep the others out, is named, and gives the exit code', async () => {
  using dir = scratch()
  const good = join(dir.path, 'good.jsonl')
  writeFileSync(
    good,
    '{"seq": 1, "ts": "2025-12-12T17:16:58.624285", "event": "gameStateUpdate", "data": {"gameId": "20251212-6114b2ff44ef4b71", "cooldownTimer": 100}}\n',
  )
  writeFileSync(join(dir.path, 'notes.txt'), 'just some words\n')
  writeFileSync(join(dir.path, 'empty.jsonl'), '')
  const wrong = await vectra(
    ['import', 'good.jsonl', 'notes.txt', 'missing.jsonl', 'empty.jsonl', '--json', '--data-dir', 'data'],
    { cwd: dir.path },
  )
  expect(answer(wrong).total).toMatchObject({ files: 1, new: 1 })
  expect(
    answer(wrong)
      .failed.map(({ file, code, exit }) => [file.split(' ').at(0) === 'cannot' ? 'missing.jsonl' : file, code, exit])
      .sort(),
  ).toEqual([
    ['empty.jsonl', expect.stringMatching(/^INGEST_/), 65],
    ['missing.jsonl', 'CLI_FILE_UNREADABLE', 1],
    ['notes.txt', 'INGEST_FORMAT_UNKNOWN', 65],
  ])
  expect(wrong.code).toBe(1)
  const text = await vectra(['import', 'notes.txt', '--data-dir', 'data'], { cwd: dir.path })
  expect({ code: text.code, stdout: text.stdout }).toEqual({ code: 65, stdout: '' })
  expect(text.stderr).toMatch(/error: notes\.txt: no known capture format/)
})

it('broken lines are exit 0, with --strict exit 65, and the rest is stored either way', async () => {
  using dir = scratch()
  const line = '{"seq": 1, "ts": "2025-12-12T17:16:58.624285", "event": "newChatMessage", "data": {"message": "hi"}}'
  writeFileSync(join(dir.path, 'log.jsonl'), `${line}\n{"seq": 2, "ts": \n${line.replace('"seq": 1', '"seq": 3')}\n`)
  const options = { cwd: dir.path, env: { RUGS_DATA_DIR: join(dir.path, 'data') } }
  const strict = await vectra(['import', '--strict', 'log.jsonl'], options)
  expect(strict.code).toBe(65)
  expect(strict.stdout).toMatch(/^log\.jsonl +event_log +3 +2 +2 +0 +1 +0$/m)
  expect(strict.stdout).toMatch(/^ {2}log\.jsonl:2: not JSON/m)
  expect((await vectra(['import', 'log.jsonl'], options)).code).toBe(0)
})

it('a missing file leaves no data directory behind, an empty directory says so', async () => {
  using dir = scratch()
  const missing = await vectra(['import', 'nowhere.jsonl', '--data-dir', 'data'], { cwd: dir.path })
  expect({ code: missing.code, stdout: missing.stdout }).toEqual({ code: 1, stdout: '' })
  expect(missing.stderr).toMatch(/cannot read nowhere\.jsonl: there is no such file/)
  mkdirSync(join(dir.path, 'empty'))
  expect((await vectra(['import', 'empty', '--data-dir', 'data'], { cwd: dir.path })).stderr).toMatch(
    /holds no \.jsonl, \.ndjson or \.json file/,
  )
  expect((await vectra(['games', '--data-dir', 'data'], { cwd: dir.path })).stderr).toMatch(/there is no data directory yet/)
})
