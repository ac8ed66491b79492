import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { keepSeal, readSeal } from '../src/catalog-seal.ts'
import type { SqliteCatalogWriter } from '../src/catalog-writer.ts'
import { openCatalogWriter, prepareDirectory } from '../src/data-directory.ts'
import { systemEnv } from '../src/env.ts'
import type { FsPort } from '../src/fs-port.ts'
import { sessionId } from './sample-events.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const SEGMENTS = [
  { segment: 2, seqFirst: 1, seqLast: 10 },
  { segment: 3, seqFirst: 11, seqLast: 30 },
  { segment: 7, seqFirst: 41, seqLast: 50 },
]

it('tells what is published of a session and around a segment, other sessions apart', () => {
  using dir = temporaryDirectory()
  const env = systemEnv()
  const catalog = openCatalogWriter(env, prepareDirectory(env, dir.path))
  try {
    for (const [id, shift] of [
      [sessionId(1), 0],
      [sessionId(2), 1],
    ] as const) {
      for (const { segment, seqFirst, seqLast } of SEGMENTS) {
        const session = { sessionId: id, source: 'public_ws', origin: null, meta: null } as const
        catalog.commitSegment({ session, segment: segment + shift, seqFirst, seqLast, rows: 1, files: [], gaps: [] }, 1)
      }
    }
    expect(catalog.segments(sessionId(1))).toEqual(SEGMENTS)
    expect([1, 2, 4, 7, 8].map((segment) => catalog.hasSegment(sessionId(1), segment))).toEqual([false, true, false, true, false])
    expect(catalog.hasSegment(sessionId(3), 2)).toBe(false)
    expect(catalog.around(sessionId(1), 2)).toEqual({ earlier: undefined, laterSeq: 11 })
    expect(catalog.around(sessionId(1), 4)).toEqual({ earlier: SEGMENTS[1], laterSeq: 41 })
    expect(catalog.around(sessionId(1), 8)).toEqual({ earlier: SEGMENTS[2], laterSeq: Number.POSITIVE_INFINITY })
    expect(catalog.around(sessionId(3), 1)).toEqual({ earlier: undefined, laterSeq: Number.POSITIVE_INFINITY })
  } finally {
    catalog.close()
  }
})

it.each([1, 2, 3])('P4 P10: of two that find the catalog damaged one replaces it (the other at look %i)', (look) => {
  using dir = temporaryDirectory()
  const env = systemEnv()
  const paths = prepareDirectory(env, dir.path)
  mkdirSync(join(paths.events, 'doc_type=ws_event'))
  writeFileSync(paths.catalog, 'no database')
  let first: SqliteCatalogWriter | undefined
  let looks = 0
  const fs: FsPort = {
    ...env.fs,
    stat(at) {
      // The other one is at it since our first look, and is done before this one.
      if (at === paths.catalog && looks++ === look) first ??= openCatalogWriter(env, paths)
      return env.fs.stat(at)
    },
  }
  const second = openCatalogWriter({ ...env, fs }, paths)
  try {
    first?.registerSession({ sessionId: sessionId(), source: 'replay', origin: null, meta: null }, 1)
    expect(second.sessionFiles()).toHaveLength(1)
    expect(second.isFilling()).toBe(true)
    expect(readdirSync(paths.quarantine).filter((name) => !name.endsWith('.json'))).toEqual(['catalog.sqlite'])
  } finally {
    first?.close()
    second.close()
  }
})

it('P10: a catalog that another process holds is busy after ten seconds, not damaged', () => {
  using dir = temporaryDirectory()
  const env = systemEnv()
  const paths = prepareDirectory(env, dir.path)
  const holder = new DatabaseSync(paths.catalog)
  try {
    holder.exec('CREATE TABLE other (x); BEGIN EXCLUSIVE')
    expect(() => openCatalogWriter(env, paths)).toThrow(expect.objectContaining({ code: 'STORE_BUSY' }))
  } finally {
    holder.close()
  }
}, 60_000)

it('P7 P10: two that seal the catalog take turns, and what is sealed stays until it is kept', () => {
  using dir = temporaryDirectory()
  const env = systemEnv()
  const paths = prepareDirectory(env, dir.path)
  const catalog = openCatalogWriter(env, paths)
  const other = new DatabaseSync(paths.catalog, { timeout: 0 })
  try {
    let kept = 0
    catalog.sealed((seal) => {
      expect(() => other.exec('BEGIN IMMEDIATE')).toThrow('locked')
      keepSeal(env.fs, paths, seal)
      kept = seal.generation
    })
    expect(readSeal(env.fs, paths)?.generation).toBe(kept)
    other.exec('BEGIN IMMEDIATE; ROLLBACK')
    expect(() =>
      catalog.sealed(() => {
        throw new Error('disk full')
      }),
    ).toThrow('disk full')
    other.exec('BEGIN IMMEDIATE; ROLLBACK')
  } finally {
    other.close()
    catalog.close()
  }
})

it('P10: writers that open a new directory at the same moment all get its catalog', async () => {
  using dir = temporaryDirectory()
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const threads = Array.from(
    { length: 4 },
    () =>
      new Worker(new URL('./open-catalog-thread.ts', import.meta.url), {
        workerData: gate,
        execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=@vectra/source'],
      }),
  )
  const answers = (): Promise<unknown[]> =>
    Promise.all(threads.map(async (thread) => (await once(thread, 'message'))[0] as unknown))
  try {
    expect(await answers()).toEqual(threads.map(() => 'ready'))
    for (let round = 1; round <= 60; round += 1) {
      const opened = answers()
      for (const thread of threads) thread.postMessage(join(dir.path, `catalog-${round}.sqlite`))
      Atomics.store(gate, 0, round)
      expect(await opened).toEqual(threads.map(() => 'opened'))
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
})
