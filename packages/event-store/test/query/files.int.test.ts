import { readFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openQuery } from '../../src/query/engine.ts'
import { collect, type Fixture, fixture, GAME, stateFrame, T0 } from './fixture.ts'

const DAY = 86_400_000_000
const LONG = 'x'.repeat(2_000)

/** Three days, two parts each. */
async function threeDays(): Promise<Fixture> {
  const data = await fixture()
  for (let day = 0; day < 3; day++) {
    const frames = Array.from({ length: 40 }, (_, i) =>
      stateFrame({ ts: T0 + day * DAY + i, seq: day * 40 + i + 1, tick: day * 40 + i, price: `1.${i}` }, { i, text: LONG + i }),
    )
    await data.write(frames.flat())
  }
  return data
}

const part = (data: Fixture, docType: string, index: number) =>
  data.source.files.filter((file) => file.docType === docType)[index]?.absolutePath ?? ''

describe('a part that is missing, where bad files are to fail', () => {
  it.each([[0], [1], [2]])('is named by every way of reading it (part %i)', async (index) => {
    await using data = await threeDays()
    await using query = await openQuery({ dir: data.dir, source: data.source, badFiles: 'fail' })
    const [frame, tick] = [part(data, 'ws_event', index), part(data, 'game_tick', index)]
    for (const file of [frame, tick]) unlinkSync(file)
    const missing = (file: string) => ({ code: 'QUERY_FILE_MISSING', context: { path: file } })
    await expect(query.sql('SELECT count(*) FROM ws_event')).rejects.toMatchObject({ code: 'QUERY_FILE_MISSING' })
    await expect(collect(query.eventsOfGame(GAME))).rejects.toMatchObject({ code: 'QUERY_FILE_MISSING' })
    await expect(collect(query.ticks({ gameId: GAME }))).rejects.toMatchObject(missing(tick))
    await expect(collect(query.trades())).rejects.toMatchObject(missing(frame))
    await expect(collect(query.sessions())).rejects.toMatchObject({ code: 'QUERY_FILE_MISSING' })
    await expect(collect(query.games())).rejects.toMatchObject({ code: 'QUERY_FILE_MISSING' })
    await expect(query.toParquet('SELECT * FROM game_tick', `${data.dir}.parquet`)).rejects.toMatchObject({
      code: 'QUERY_FILE_MISSING',
    })
  })

  it('is found again when it comes back', async () => {
    await using data = await threeDays()
    await using query = await openQuery({ dir: data.dir, source: data.source, badFiles: 'fail' })
    const file = part(data, 'ws_event', 1)
    renameSync(file, `${file}.away`)
    await expect(query.sql('SELECT count(*) FROM events')).rejects.toMatchObject({
      code: 'QUERY_FILE_MISSING',
      context: { path: file },
    })
    renameSync(`${file}.away`, file)
    expect((await query.sql('SELECT count(*) FROM events')).rows).toEqual([[240n]])
  })

  it('raises in the middle of an iteration, too', async () => {
    await using data = await threeDays()
    await using query = await openQuery({ dir: data.dir, source: data.source, badFiles: 'fail' })
    const seen: number[] = []
    const iterate = async () => {
      for await (const event of query.events({ pageRows: 10 })) {
        seen.push(event.seq)
        if (seen.length === 15) unlinkSync(part(data, 'ws_event', 2))
      }
    }
    await expect(iterate()).rejects.toMatchObject({ code: 'QUERY_FILE_MISSING', context: { path: part(data, 'ws_event', 2) } })
    // Nothing is wrong with what was given out before.
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => i + 1))
    expect(seen.length).toBeLessThan(120)
    expect(data.source.open).toBe(0)
  })

  it('does not disturb a result that was complete before', async () => {
    await using data = await threeDays()
    await using query = await openQuery({ dir: data.dir, source: data.source, badFiles: 'fail' })
    const seen: number[] = []
    for await (const tick of query.ticks({ gameId: GAME })) {
      if (seen.length === 0) for (const file of data.source.files) unlinkSync(file.absolutePath)
      seen.push(tick.tick)
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => i))
  })

  it('P5: is no error when a newer list does without it (a merge between two pages)', async () => {
    await using data = await threeDays()
    await using query = await openQuery({ dir: data.dir, source: data.source, badFiles: 'fail' })
    const seen: number[] = []
    for await (const event of query.events({ pageRows: 10 })) {
      seen.push(event.seq)
      if (seen.length !== 15) continue
      // Copies under new names take the place of the old files, as a merge does.
      data.source.files = data.source.files.map((file) => {
        const absolutePath = file.absolutePath.replace('part-', 'part-merged-')
        renameSync(file.absolutePath, absolutePath)
        return { ...file, absolutePath }
      })
      data.source.bump()
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => i + 1))
  })
})

it('P5: a statement that took its list just before a merge runs again on the new one', async () => {
  await using data = await threeDays()
  const { source } = data
  const outdated = { generation: source.generation(), files: [...source.files], [Symbol.dispose]: () => undefined }
  source.files = source.files.map((file) => {
    const absolutePath = file.absolutePath.replace('part-', 'part-merged-')
    renameSync(file.absolutePath, absolutePath)
    return { ...file, absolutePath }
  })
  source.bump()
  let late = 0
  const racing = { ...source, generation: () => source.generation(), snapshot: () => (late-- > 0 ? outdated : source.snapshot()) }
  await using query = await openQuery({ dir: data.dir, source: racing })
  late = 1
  expect((await query.sql('SELECT count(*) FROM events')).rows).toEqual([[240n]])
  late = 1
  expect(await collect(query.ticks({ gameId: GAME }))).toHaveLength(120)
  // A list that stays outdated is an error in the end, not an endless loop.
  late = 100
  await expect(query.sql('SELECT count(*) FROM events')).rejects.toMatchObject({ code: 'QUERY_FILE_MISSING' })
  await expect(collect(query.ticks({ gameId: GAME }))).rejects.toMatchObject({ code: 'QUERY_FILE_MISSING' })
})

describe('a part that is damaged, where bad files are to fail', () => {
  const damage: [string, (file: string) => void][] = [
    ['empty', (file) => truncateSync(file, 0)],
    ['cut in half', (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
    ['zeros', (file) => writeFileSync(file, Buffer.alloc(readFileSync(file).length))],
    [
      'a destroyed footer',
      (file) =>
        writeFileSync(
          file,
          damaged(file, (bytes) => bytes.fill(0xff, bytes.length - 500, bytes.length - 8)),
        ),
    ],
    [
      'a wrong footer length',
      (file) =>
        writeFileSync(
          file,
          damaged(file, (bytes) => bytes.writeUInt32LE(5, bytes.length - 8)),
        ),
    ],
    [
      'destroyed pages',
      (file) =>
        writeFileSync(
          file,
          damaged(file, (bytes) => bytes.fill(0xff, 4, bytes.length - 4_000)),
        ),
    ],
    ['text', (file) => writeFileSync(file, 'PAR1 this is not Parquet PAR1')],
  ]

  function damaged(file: string, change: (bytes: Buffer) => void): Buffer {
    const bytes = readFileSync(file)
    change(bytes)
    return bytes
  }

  it.each(damage.flatMap(([name, change]) => [0, 2].map((index) => [name, index, change] as const)))(
    '%s is named (part %i)',
    async (_name, index, change) => {
      await using data = await threeDays()
      await using query = await openQuery({ dir: data.dir, source: data.source, badFiles: 'fail' })
      expect((await query.sql('SELECT count(payload) FROM ws_event')).rows).toEqual([[120n]])
      const file = part(data, 'ws_event', index)
      change(file)
      const corrupt = { code: 'QUERY_FILE_CORRUPT', context: { path: file } }
      await expect(query.sql(`SELECT max(hash(COLUMNS(*))) FROM ws_event`)).rejects.toMatchObject(corrupt)
      await expect(collect(query.eventsOfGame(GAME))).rejects.toMatchObject(corrupt)
    },
  )

  it('does not hide a mistake in the statement', async () => {
    await using data = await threeDays()
    await using query = await openQuery({ dir: data.dir, source: data.source, badFiles: 'fail' })
    await expect(query.sql(`SELECT error('No magic bytes found') FROM events`)).rejects.toMatchObject({ code: 'QUERY_SQL' })
    await expect(query.sql(`SELECT event_name::INTEGER FROM events`)).rejects.toMatchObject({ code: 'QUERY_SQL' })
  })
})
