import { copyFileSync, readFileSync, renameSync, statSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type Env,
  type FileMeta,
  listFiles,
  openQuery,
  recoverStore,
  storePaths,
  systemEnv,
  verifyStore,
} from '../../src/index.ts'
import { storeDay } from '../compaction/day.ts'
import { seeded } from '../compaction/random.ts'
import { collect } from '../query/fixture.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const COUNTS = 'SELECT count(*), sum(seq) FROM ws_event'

/** Three segments of ten ticks, an order and a gap. */
async function stored(): Promise<{ readonly dir: string; part(docType: string, index: number): FileMeta } & Disposable> {
  const directory = temporaryDirectory()
  await storeDay(directory.path, 3)
  const files = listFiles(directory.path)
  return {
    dir: directory.path,
    part: (docType, index) => files.filter((file) => file.docType === docType)[index] as FileMeta,
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  }
}

/** Changes one byte as a failing disk would: size and times stay. */
function flip(file: string, at: number, mask = 1): void {
  const { atime, mtime } = statSync(file)
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] ?? 0) ^ mask
  writeFileSync(file, bytes)
  utimesSync(file, atime, mtime)
}

/** Counts what is read from the disk before a query. */
function counting(): { env: Env; read: string[] } {
  const { fs, ...env } = systemEnv()
  const read: string[] = []
  const pieces = (target: string): Iterable<Uint8Array> => {
    read.push(path.basename(target))
    return fs.pieces(target)
  }
  return { env: { ...env, fs: { ...fs, pieces } }, read }
}

const damage: readonly (readonly [name: string, problem: string, change: (file: string) => void])[] = [
  ['a changed byte', 'is not as it was written (its checksum differs)', (file) => flip(file, 1_000)],
  [
    'a byte changed in the footer',
    'is not as it was written (its checksum differs)',
    (file) => flip(file, statSync(file).size - 100),
  ],
  ['a missing file', 'is not on the disk', (file) => unlinkSync(file)],
  ['a truncated file', 'does not have the size it was written with', (file) => truncateSync(file, statSync(file).size - 7)],
  ['an empty file', 'does not have the size it was written with', (file) => truncateSync(file, 0)],
]

describe.each(damage)('P7: %s', (_name, problem, change) => {
  it('is left out of every answer, and the answer says so', async () => {
    using data = await stored()
    await using query = await openQuery({ dir: data.dir })
    const bad = data.part('ws_event', 1)
    change(bad.absolutePath)
    const reason = { code: 'bad_file', path: bad.path, count: 11, text: `${bad.path} ${problem}: its 11 rows are left out` }
    const { rows, completeness } = await query.sql(COUNTS)
    // 11 ticks and orders of each segment; the second one's are gone, and nothing else.
    expect(rows).toEqual([[22n, BigInt(11 * 6 + (24 * 11 + 66))]])
    expect(completeness.complete).toBe(false)
    expect(completeness.reasons).toContainEqual(expect.objectContaining(reason))
    const events = query.events({ docTypes: ['ws_event'] })
    expect(await collect(events)).toHaveLength(22)
    expect((await events.completeness()).reasons).toContainEqual(expect.objectContaining(reason))
    const stream = query.stream('SELECT seq FROM ws_event')
    expect(await collect(stream)).toHaveLength(22)
    expect((await stream.completeness()).reasons).toContainEqual(expect.objectContaining(reason))
    using out = temporaryDirectory()
    const written = await query.toParquet('SELECT * FROM ws_event', path.join(out.path, 'out.parquet'))
    expect(written.rows).toBe(22)
    expect(written.completeness.reasons).toContainEqual(expect.objectContaining(reason))
    // Answers that do not need it are not touched by it.
    const ticks = await query.sql('SELECT count(*) FROM game_tick')
    expect(ticks.rows).toEqual([[30n]])
    expect(ticks.completeness.reasons.filter(({ code }) => code === 'bad_file')).toEqual([])
  })
})

describe('P7: a part that is not as it was written', () => {
  it('makes the games it may hold rows of incomplete', async () => {
    using data = await stored()
    const bad = data.part('game_tick', 1)
    flip(bad.absolutePath, 500)
    await using query = await openQuery({ dir: data.dir })
    const games = query.games()
    const found = await collect(games)
    expect(found.every(({ reasons }) => reasons.includes('bad_file'))).toBe(true)
    const reason = expect.objectContaining({ code: 'bad_file', path: bad.path })
    expect(found[0]?.completeness.reasons).toContainEqual(reason)
    expect((await games.completeness()).reasons).toContainEqual(reason)
    const ticks = query.ticks({ gameId: found[0]?.gameId ?? '' })
    await collect(ticks)
    expect((await ticks.completeness()).reasons).toContainEqual(reason)
  })

  it('is an error instead where that was asked for', async () => {
    using data = await stored()
    const bad = data.part('ws_event', 2)
    flip(bad.absolutePath, 700)
    await using query = await openQuery({ dir: data.dir, badFiles: 'fail' })
    const corrupt = { code: 'QUERY_FILE_CORRUPT', context: { path: bad.absolutePath, problem: 'checksum' } }
    await expect(query.sql(COUNTS)).rejects.toMatchObject(corrupt)
    await expect(collect(query.trades())).rejects.toMatchObject(corrupt)
  })

  it('counts again when it is restored', async () => {
    using data = await stored()
    const { absolutePath } = data.part('ws_event', 0)
    using aside = temporaryDirectory()
    const good = path.join(aside.path, 'good')
    copyFileSync(absolutePath, good)
    await using query = await openQuery({ dir: data.dir })
    flip(absolutePath, 400)
    expect((await query.sql(COUNTS)).rows[0]?.[0]).toBe(22n)
    renameSync(good, absolutePath)
    const { rows, completeness } = await query.sql(COUNTS)
    expect(rows[0]?.[0]).toBe(33n)
    expect(completeness.reasons.map(({ code }) => code)).toEqual(['gap'])
  })

  it('goes to quarantine by a recovery that is asked to look, with its reason, and comes back by a good copy', async () => {
    using data = await stored()
    const bad = data.part('ws_event', 1)
    using aside = temporaryDirectory()
    const good = path.join(aside.path, 'good')
    copyFileSync(bad.absolutePath, good)
    flip(bad.absolutePath, 400)
    const damaged = readFileSync(bad.absolutePath)
    // Opening a store, or a plain repair, reads no parts.
    expect((await recoverStore({ dir: data.dir })).quarantined).toEqual([])
    const name = `ws_event-${path.basename(bad.path)}`
    expect((await recoverStore({ dir: data.dir, setAside: true })).quarantined).toEqual([name])
    expect((await recoverStore({ dir: data.dir, setAside: true })).quarantined).toEqual([])
    const { quarantine } = storePaths(data.dir)
    expect(readFileSync(path.join(quarantine, name)).equals(damaged)).toBe(true)
    expect(JSON.parse(readFileSync(path.join(quarantine, `${name}.reason.json`), 'utf8'))).toEqual({
      path: bad.path,
      reasons: [expect.stringContaining(`sha256 ${bad.sha256} were written`)],
    })
    await using query = await openQuery({ dir: data.dir })
    const { rows, completeness } = await query.sql(COUNTS)
    expect(rows[0]?.[0]).toBe(22n)
    expect(completeness.reasons).toContainEqual(expect.objectContaining({ code: 'bad_file', path: bad.path, count: 11 }))
    const { findings } = await verifyStore({ dir: data.dir })
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'part_missing', path: bad.path, message: expect.stringContaining(`quarantine/${name}`) }),
    )
    // Damaged again, and in another way: both are kept.
    copyFileSync(good, bad.absolutePath)
    truncateSync(bad.absolutePath, 100)
    expect((await recoverStore({ dir: data.dir, setAside: true })).quarantined).toEqual([`${name}.2`])
    renameSync(good, bad.absolutePath)
    expect((await query.sql(COUNTS)).rows[0]?.[0]).toBe(33n)
    expect((await verifyStore({ dir: data.dir })).findings).toEqual([])
  })

  it('is found though it was good a moment ago, in a running engine', async () => {
    using data = await stored()
    await using query = await openQuery({ dir: data.dir })
    expect((await query.sql(COUNTS)).rows[0]?.[0]).toBe(33n)
    flip(data.part('ws_event', 1).absolutePath, 300)
    expect((await query.sql(COUNTS)).rows[0]?.[0]).toBe(22n)
  })

  it('never gives a wrong number: 60 random bytes, statements of many callers at once', async () => {
    using data = await stored()
    const random = seeded(20251212)
    await using query = await openQuery({ dir: data.dir })
    for (let round = 0; round < 60; round++) {
      const bad = data.part('ws_event', Math.floor(random() * 3))
      const before = readFileSync(bad.absolutePath)
      flip(bad.absolutePath, Math.floor(random() * bad.bytes), 1 << Math.floor(random() * 8))
      const answers = await Promise.all([
        query.sql(COUNTS),
        query.sql('SELECT count(*) FROM game_tick'),
        query.sql(COUNTS),
        query.sql('SELECT count(*) FROM events'),
      ])
      expect(answers.map(({ rows }) => rows[0]?.[0])).toEqual([22n, 30n, 22n, 58n])
      writeFileSync(bad.absolutePath, before)
    }
  })
})

describe('looking at a file', () => {
  it('reads it once, for all engines and processes of the directory', async () => {
    using data = await stored()
    const first = counting()
    await using one = await openQuery({ dir: data.dir, env: first.env })
    await one.sql(COUNTS)
    expect(first.read).toHaveLength(3)
    await one.sql(COUNTS)
    await Promise.all([one.sql('SELECT count(*) FROM ws_event'), collect(one.trades())])
    expect(first.read).toHaveLength(3)
    const second = counting()
    await using two = await openQuery({ dir: data.dir, env: second.env })
    await two.sql(COUNTS)
    expect(second.read).toEqual([])
    await two.sql('SELECT count(*) FROM events')
    expect(second.read).toHaveLength(9)
  })

  it('reads no more than its size where that was asked for', async () => {
    using data = await stored()
    const { env, read } = counting()
    await using query = await openQuery({ dir: data.dir, env, checkFiles: 'size' })
    await query.sql(COUNTS)
    expect(read).toEqual([])
    truncateSync(data.part('ws_event', 1).absolutePath, 20)
    expect((await query.sql(COUNTS)).rows[0]?.[0]).toBe(22n)
  })

  it('does without its memory: empty, damaged, not a database', async () => {
    using data = await stored()
    const { checks } = storePaths(data.dir)
    for (const content of ['', 'no database', Buffer.alloc(8_192, 0x41)]) {
      writeFileSync(checks, content)
      await using query = await openQuery({ dir: data.dir })
      flip(data.part('ws_event', 1).absolutePath, 300)
      expect((await query.sql(COUNTS)).rows[0]?.[0]).toBe(22n)
      expect((await query.sql(COUNTS)).rows[0]?.[0]).toBe(22n)
      flip(data.part('ws_event', 1).absolutePath, 300)
      expect((await query.sql(COUNTS)).rows[0]?.[0]).toBe(33n)
    }
  })
})

it('P4: only a recovery moves a bad file; a query leaves everything where it is', async () => {
  using data = await stored()
  const bad = data.part('ws_event', 1)
  flip(bad.absolutePath, 300)
  const before = readFileSync(bad.absolutePath)
  await using query = await openQuery({ dir: data.dir })
  await query.sql(COUNTS)
  expect(readFileSync(bad.absolutePath).equals(before)).toBe(true)
  expect((await recoverStore({ dir: data.dir })).missingFiles).toEqual([])
})
