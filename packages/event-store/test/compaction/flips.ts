import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { duckdbEncoder } from '../../src/encoders/duckdb.ts'
import { compactStore, listFiles, storePaths, systemEnv, verifyStore } from '../../src/index.ts'
import { JournalServer } from '../../src/journal-server.ts'
import { sessionId } from '../sample-events.ts'
import { chunk } from '../sim-store.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { storeDay } from './day.ts'
import { seeded } from './random.ts'

type Reader = ReturnType<typeof duckdbEncoder>

/** Merged parts with receipts, parts that are not merged, and what a crashed recorder left. */
async function fill(dir: string): Promise<void> {
  await storeDay(dir, 3, 5, 2)
  await compactStore({ dir })
  await storeDay(dir, 1, 5, 3)
  const server = new JournalServer({
    fs: systemEnv().fs,
    paths: storePaths(dir),
    limits: { maxEvents: 1_000, maxBytes: 1 << 20 },
    behind: () => false,
  })
  server.handle([
    {
      kind: 'open',
      session: 1,
      sessionId: sessionId(),
      info: { source: 'public_ws', origin: null, meta: null },
      segment: 1,
      nextSeq: 1,
    },
    { kind: 'append', id: 1, session: 1, ...chunk(1, 6) },
  ])
}

/** Changes one byte of a file and tells what verify says. */
async function findings(dir: string, reader: Reader, file: string, at: number, mask: number): Promise<number> {
  const before = readFileSync(file)
  const changed = Buffer.from(before)
  changed[at] = (changed[at] ?? 0) ^ mask
  for (const leftover of ['-wal', '-shm']) rmSync(`${storePaths(dir).catalog}${leftover}`, { force: true })
  writeFileSync(file, changed)
  try {
    return (await verifyStore({ dir, reader })).findings.length
  } finally {
    writeFileSync(file, before)
  }
}

/** Changes `flips` random bytes, one at a time, in receipts, merged parts, parts, journal, catalog, seal and sessions’ files; tells how many were found. */
export async function flipBytes(flips: number, seed: number): Promise<number> {
  using directory = temporaryDirectory()
  const dir = directory.path
  await fill(dir)
  const reader = duckdbEncoder()
  const random = seeded(seed)
  expect((await verifyStore({ dir, reader })).findings).toEqual([])
  const paths = storePaths(dir)
  const receipts = readdirSync(paths.receipts).map((name) => path.join(paths.receipts, name))
  const parts = listFiles(dir)
  const merged = parts.filter((file) => file.sessionId === null).map((file) => file.absolutePath)
  const plain = parts.filter((file) => file.sessionId !== null).map((file) => file.absolutePath)
  const sessions = readdirSync(paths.sessions).map((name) => path.join(paths.sessions, name))
  const journal = [path.join(paths.journal, sessionId(), '00000001.ndjson')]
  const kinds = [receipts, merged, plain, journal, [paths.catalog], [path.join(dir, 'catalog.seal.json')], sessions]
  expect([merged.length, plain.length, receipts.length]).toEqual([4, 4, 4])
  let found = 0
  for (let flip = 0; flip < flips; flip++) {
    const group = kinds[flip % kinds.length] ?? []
    const file = group[Math.floor(random() * group.length)] ?? ''
    const at = Math.floor(random() * statSync(file).size)
    const mask = 1 << Math.floor(random() * 8)
    if ((await findings(dir, reader, file, at, mask)) > 0) found++
    else expect.soft(`${path.relative(dir, file)} byte ${at} mask ${mask}, seed ${seed}`).toBe('found')
  }
  await reader.close()
  return found
}
