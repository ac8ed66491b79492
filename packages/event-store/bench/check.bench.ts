import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { listFiles, openEventStore, openQuery, type QueryOptions, storePaths } from '../src/index.ts'
import { benchEvents, benchSession, FRAME_SOURCE, median, QUICK, table } from './frames.ts'

/** What looking at files before a query costs: with nothing known of them, known to other processes, sizes only. Segments of 100 frames. */
const SEGMENTS = QUICK ? 100 : 1_000
const ROUNDS = QUICK ? 3 : 7
const dir = mkdtempSync(path.join(process.env['VECTRA_BENCH_DIR'] ?? tmpdir(), 'vectra-bench-'))

/** Milliseconds of the first and the second time a new engine reads everything. */
async function timed(options: Partial<QueryOptions>): Promise<[first: number, second: number]> {
  await using query = await openQuery({ dir, ...options })
  const once = async (): Promise<number> => {
    const started = performance.now()
    await query.sql('SELECT event_name, count(*), sum(price) FROM events GROUP BY ALL')
    return performance.now() - started
  }
  return [await once(), await once()]
}

try {
  const sessionId = benchSession(1)
  const store = await openEventStore({ dir, flush: { maxEvents: 100, intervalMs: 3_600_000 } })
  await store.openSession({ sessionId, source: 'replay' })
  const events = benchEvents(SEGMENTS * 100, sessionId)
  for (let at = 0; at < events.length; at += 100) {
    await store.append(events.slice(at, at + 100))
    await store.flush()
  }
  await store.close()
  const files = listFiles(dir)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  console.log(`${FRAME_SOURCE}: ${files.length} parts, ${(bytes / 1e6).toFixed(1)} MB`)
  const times = { size: [], sizeAgain: [], cold: [], warm: [], again: [] } as Record<string, number[]>
  for (let round = 0; round < ROUNDS; round++) {
    rmSync(storePaths(dir).checks, { force: true })
    const size = await timed({ checkFiles: 'size' })
    const cold = await timed({})
    const warm = await timed({})
    times['size']?.push(size[0])
    times['sizeAgain']?.push(size[1])
    times['cold']?.push(cold[0])
    times['warm']?.push(warm[0])
    times['again']?.push(warm[1])
  }
  const ms = (name: string): string => median(times[name] ?? []).toFixed(1)
  table(
    ['what is known', 'first query of an engine, ms', 'second, ms'],
    [
      ['sizes only (`checkFiles: size`)', ms('size'), ms('sizeAgain')],
      ['nothing: every byte is hashed', ms('cold'), ''],
      ['what another process found', ms('warm'), ms('again')],
    ],
  )
} finally {
  rmSync(dir, { recursive: true, force: true })
}
