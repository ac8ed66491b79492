import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duckdbEncoder } from '../src/encoders/duckdb.ts'
import { listFiles, openEventStore, recoverStore, storePaths, systemEnv, type VerifyReport, verifyStore } from '../src/index.ts'
import { JournalServer } from '../src/journal-server.ts'
import { frameEvent, sessionId, systemEvent, ticks } from './sample-events.ts'
import { chunk } from './sim-store.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const reader = duckdbEncoder()
const directory = temporaryDirectory()
const dir = directory.path
const paths = storePaths(dir)
const dead = sessionId()
const done = sessionId(2)

/** What a crashed recorder leaves: a sealed segment and an open one. */
function crash(): void {
  const server = new JournalServer({
    fs: systemEnv().fs,
    paths,
    limits: { maxEvents: 1_000, maxBytes: 1 << 20 },
    behind: () => false,
  })
  server.handle([
    {
      kind: 'open',
      session: 1,
      sessionId: dead,
      info: { source: 'public_ws', origin: null, meta: null },
      segment: 1,
      nextSeq: 1,
    },
    { kind: 'append', id: 1, session: 1, ...chunk(1, 2) },
    { kind: 'seal', id: 2, session: 1 },
    { kind: 'append', id: 3, session: 1, ...chunk(3, 4) },
  ])
}

function verify(): Promise<VerifyReport> {
  return verifyStore({ dir, reader })
}

async function kinds(): Promise<string[]> {
  return [...new Set((await verify()).findings.map((finding) => finding.kind))].sort()
}

/** Changes a file, checks, and puts it back. */
async function damaged(file: string, change: (file: string) => void): Promise<string[]> {
  const before = readFileSync(file)
  try {
    change(file)
    return await kinds()
  } finally {
    writeFileSync(file, before)
  }
}

function flip(at: number, mask: number): (file: string) => void {
  return (file) => {
    const bytes = readFileSync(file)
    bytes[at] = (bytes[at] ?? 0) ^ mask
    writeFileSync(file, bytes)
  }
}

beforeAll(async () => {
  await using store = await openEventStore({ dir, encoder: duckdbEncoder() })
  await store.openSession({ sessionId: done, source: 'replay', meta: { name: 'a session' } })
  await store.append([
    ...ticks(30, 1, { _session_id: done }),
    frameEvent(31, 'buyOrder', '{"amount":0.002}', { direction: 'sent', _session_id: done }),
    systemEvent(32, 'gap', { cause: 'stale' }, { _session_id: done }),
  ])
  await store.endSession(done, { framesIn: 31 })
  crash()
})

afterAll(async () => {
  await reader.close()
  directory[Symbol.dispose]()
})

describe('verify (P7)', { timeout: 180_000 }, () => {
  it('finds nothing in a whole store, journal of a dead session included, and changes nothing', async () => {
    const report = await verify()
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({
      ok: true,
      live: [],
      checked: { journalFiles: 2, journalLines: 4, parts: 4, rows: 63, sessions: 2, gaps: 1 },
    })
  })

  it('P7: detects every changed byte of a journal', async () => {
    for (const name of ['00000001.ndjson', '00000002.ndjson']) {
      const file = path.join(paths.journal, dead, name)
      const size = statSync(file).size
      for (let at = 0; at < size; at += 23)
        expect(await damaged(file, flip(at, 1 << (at % 8))), `${name} byte ${at}`).not.toEqual([])
    }
  })

  it('P7: detects every changed byte of a part', async () => {
    for (const { absolutePath, bytes } of listFiles(dir)) {
      for (let at = 0; at < bytes; at += Math.ceil(bytes / 12))
        expect(await damaged(absolutePath, flip(at, 1 << (at % 8))), `${absolutePath} byte ${at}`).toContain('part_checksum')
    }
  })

  it('P7: detects every changed byte of the catalog and of its seal', async () => {
    const { size } = statSync(paths.catalog)
    for (let at = 0; at < size; at += Math.ceil(size / 70)) {
      for (const leftover of ['-wal', '-shm']) rmSync(paths.catalog + leftover, { force: true })
      expect(await damaged(paths.catalog, flip(at, 1 << (at % 8))), `catalog byte ${at}`).not.toEqual([])
    }
    const seal = path.join(dir, 'catalog.seal.json')
    for (let at = 0; at < statSync(seal).size; at += 3)
      expect(await damaged(seal, flip(at, 2)), `seal byte ${at}`).toContain('catalog_seal')
  })

  it('detects a changed value that SQLite takes for valid', async () => {
    const before = readFileSync(paths.catalog)
    const db = new DatabaseSync(paths.catalog)
    db.exec('UPDATE files SET rows = rows + 1')
    db.exec("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
    db.close()
    expect(await kinds()).toEqual(['catalog_row', 'part_rows'])
    writeFileSync(paths.catalog, before)
  })

  it('detects what is missing, too much, or where it does not belong', async () => {
    const part = listFiles(dir).find((file) => file.docType === 'ws_event')
    if (part === undefined) throw new Error('no part')
    renameSync(part.absolutePath, `${part.absolutePath}.away`)
    expect(await kinds()).toEqual(['foreign_file', 'part_missing'])
    renameSync(`${part.absolutePath}.away`, part.absolutePath)

    expect(await damaged(part.absolutePath, (file) => truncateSync(file, 100))).toEqual(['part_checksum'])
    expect(await damaged(part.absolutePath, (file) => writeFileSync(file, ''))).toEqual(['part_checksum'])
    expect(await damaged(part.absolutePath, (file) => appendFileSync(file, 'x'))).toEqual(['part_checksum'])

    const extra = path.join(path.dirname(part.absolutePath), 'part-00000009-00000001.parquet')
    writeFileSync(extra, readFileSync(part.absolutePath))
    expect(await kinds()).toEqual(['part_unlisted'])
    renameSync(extra, `${extra}.tmp-0`)
    expect(await kinds()).toEqual(['temporary_file'])
    unlinkSync(`${extra}.tmp-0`)

    const stranger = path.join(paths.journal, 'not-a-session')
    mkdirSync(stranger)
    expect(await kinds()).toEqual(['foreign_file'])
    rmSync(stranger, { recursive: true })
  })

  it('detects journal damage by kind', async () => {
    const sealed = path.join(paths.journal, dead, '00000001.ndjson')
    const open = path.join(paths.journal, dead, '00000002.ndjson')
    const keep = (lines: (all: string[]) => string[]) => (file: string) => {
      writeFileSync(
        file,
        lines(readFileSync(file, 'utf8').split('\n').slice(0, -1))
          .map((line) => `${line}\n`)
          .join(''),
      )
    }
    expect(await damaged(open, (file) => truncateSync(file, statSync(file).size - 3))).toEqual(['journal_torn'])
    expect(
      await damaged(
        sealed,
        keep((all) => all.toSpliced(1, 1)),
      ),
    ).toEqual(['journal_line', 'seq_hole'])
    expect(
      await damaged(
        sealed,
        keep((all) => all.toSpliced(1, 0, String(all[1]))),
      ),
    ).toEqual(['journal_line', 'seq_double'])
    expect(
      await damaged(
        sealed,
        keep((all) => all.slice(0, 2)),
      ),
    ).toEqual(['seq_hole'])
    expect(
      await damaged(
        sealed,
        keep((all) => all.slice(1)),
      ),
    ).toEqual(['journal_header'])
    expect(await damaged(sealed, (file) => writeFileSync(file, readFileSync(open)))).toContain('journal_header')
  })

  it('a recovery repairs what can be repaired, and verify agrees', async () => {
    const file = path.join(paths.journal, dead, '00000002.ndjson')
    flip(statSync(file).size - 40, 1)(file)
    const report = await recoverStore({ dir, encoder: duckdbEncoder() })
    expect(report).toMatchObject({ sessions: [dead], segments: 2, failures: [], quarantined: ['00000001-00000002.ndjson'] })
    expect(await kinds()).toEqual([])
  })
})
