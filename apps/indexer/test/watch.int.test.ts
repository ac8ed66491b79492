import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEventStore } from '@vectra/event-store'
import { VectorsError } from '@vectra/vectors'
import { expect, it, onTestFinished } from 'vitest'
import { addNote, type Indexer, openIndexer, watch } from '../src/index.ts'
import { repository, temporaryFolder } from './sample.ts'

interface Watched {
  readonly indexer: Indexer
  readonly reasons: string[]
  readonly errors: unknown[]
  /** Waits for runs until it holds. Nothing is timed: only a run can make it true. */
  until(holds: () => Promise<boolean> | boolean): Promise<void>
  finds(text: string, table?: 'code_context' | 'debug_notes'): () => Promise<boolean>
}

/** A watch that has made its first run; it ends with the test. */
async function watched(
  repoDir: string,
  spoil: (indexer: Indexer) => Partial<Indexer> = () => ({}),
): Promise<Watched & { dataDir: string }> {
  const dataDir = join(temporaryFolder(), 'data')
  const indexer = await openIndexer({ dataDir, repoDir, cacheDir: join(dataDir, '..', 'cache'), model: 'none' })
  const controller = new AbortController()
  const reasons: string[] = []
  const errors: unknown[] = []
  let changed = Promise.withResolvers<void>()
  const tell = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const watching = watch({ ...indexer, ...spoil(indexer) }, { dataDir, repoDir }, controller.signal, {
    onRun: (_report, reason) => {
      reasons.push(reason)
      tell()
    },
    onError: (error) => {
      errors.push(error)
      tell()
    },
  })
  onTestFinished(async () => {
    controller.abort()
    await watching
    await indexer.close()
  })
  const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
    for (;;) {
      const next = changed.promise
      if (await holds()) return
      await next
    }
  }
  await until(() => reasons.length > 0)
  return {
    ...{ indexer, reasons, errors, until, dataDir },
    finds:
      (text, table = 'code_context') =>
      async () =>
        (await indexer.search({ text, tables: [table], mode: 'bm25' })).hits.length > 0,
  }
}

const context = (name: string, purpose: string): string => `# ${name} Context\n\n## Purpose\n${purpose}\n`

it('an edit, a new file and a note become searchable by themselves', { timeout: 60_000 }, async () => {
  const repoDir = repository()
  const { until, finds, reasons, errors, dataDir } = await watched(repoDir)
  expect(reasons[0]).toBe('start')
  writeFileSync(join(repoDir, 'src/store/CONTEXT.md'), context('store', 'Zeppelin archive.'))
  await until(finds('zeppelin'))
  mkdirSync(join(repoDir, 'src/new/deep'), { recursive: true })
  writeFileSync(join(repoDir, 'src/new/deep/CONTEXT.md'), context('deep', 'Okapi register.'))
  await until(finds('okapi'))
  const runs = reasons.length
  writeFileSync(join(repoDir, 'src/store/disk.ts'), 'export const disk = 1\n')
  await until(() => reasons.length > runs)
  await addNote(dataDir, { text: 'quagga sighted', author: 'bob' })
  await until(finds('quagga', 'debug_notes'))
  expect(new Set(reasons)).toEqual(new Set(['start', 'repository', 'store']))
  expect(errors).toEqual([])
})

it('a repository behind a link is followed', { timeout: 60_000 }, async () => {
  const repoDir = repository()
  const link = join(temporaryFolder(), 'link')
  symlinkSync(repoDir, link)
  const { until, finds } = await watched(link)
  writeFileSync(join(repoDir, 'src/store/CONTEXT.md'), context('store', 'Zeppelin archive.'))
  await until(finds('zeppelin'))
})

it('a folder that is renamed, moved in, or moved away is followed', { timeout: 60_000 }, async () => {
  const repoDir = repository()
  const { until, indexer, finds } = await watched(repoDir)
  const paths = async (): Promise<unknown[]> =>
    [...new Set((await indexer.index.contents('code_context')).map((row) => row['path']))].sort()
  renameSync(join(repoDir, 'src/store'), join(repoDir, 'src/disk'))
  await until(async () => (await paths()).join() === 'src/decode/CONTEXT.md,src/disk/CONTEXT.md')
  const outside = join(temporaryFolder(), 'outside')
  mkdirSync(join(outside, 'deep'), { recursive: true })
  writeFileSync(join(outside, 'deep/CONTEXT.md'), context('deep', 'Quagga ledger.'))
  renameSync(outside, join(repoDir, 'src/inside'))
  await until(finds('quagga'))
  renameSync(join(repoDir, 'src/inside'), outside)
  await until(async () => !(await finds('quagga')()))
})

it('a run that fails is told once and tried again; nothing that changed is forgotten', { timeout: 60_000 }, async () => {
  const repoDir = repository()
  let tries = 0
  const { until, finds, reasons, errors } = await watched(repoDir, (indexer) => ({
    run: (options) => {
      tries++
      if (tries > 1 && tries < 5) throw new VectorsError('VECTORS_BUSY', 'another process is indexing')
      if (tries === 5) throw new Error('no such luck')
      return indexer.run(options)
    },
  }))
  writeFileSync(join(repoDir, 'src/store/CONTEXT.md'), context('store', 'Zeppelin archive.'))
  await until(finds('zeppelin'))
  expect(errors.map((error) => (error as Error).message)).toEqual(['another process is indexing', 'no such luck'])
  expect(tries).toBeGreaterThanOrEqual(6)
  expect(reasons.length).toBeGreaterThanOrEqual(2)
})

it('an edit does not wait for the events of a recording; they are read afterwards', { timeout: 60_000 }, async () => {
  const repoDir = repository()
  const begun = Promise.withResolvers<void>()
  const asked: unknown[] = []
  let stopped = 0
  const { until, finds, errors, dataDir } = await watched(repoDir, (indexer) => ({
    run: async (options = {}) => {
      asked.push(options.tables)
      if (options.tables?.[0] !== 'debug_notes' || stopped > 0) return indexer.run(options)
      begun.resolve()
      // A run over a large recording: it ends by being stopped.
      await new Promise((_resolve, reject) => {
        options.signal?.addEventListener('abort', () => {
          stopped++
          reject(options.signal?.reason)
        })
      })
      throw new Error('unreachable')
    },
  }))
  await addNote(dataDir, { text: 'quagga sighted' })
  await begun.promise
  writeFileSync(join(repoDir, 'src/store/CONTEXT.md'), context('store', 'Zeppelin archive.'))
  await until(finds('zeppelin'))
  await until(finds('quagga', 'debug_notes'))
  expect({ stopped, errors }).toEqual({ stopped: 1, errors: [] })
  expect(asked.slice(0, 3)).toEqual([['events', 'code_context', 'debug_notes'], ['debug_notes', 'events'], ['code_context']])
})

it('a page about the protocol is an edit of the events table', { timeout: 60_000 }, async () => {
  const repoDir = repository()
  const { until, indexer } = await watched(repoDir)
  writeFileSync(join(repoDir, 'docs/protocol.md'), '# Protocol\n\n## 5.1 playerUpdate\nThe zeppelin of the player.\n')
  await until(async () => (await indexer.search({ text: 'zeppelin', tables: ['events'], mode: 'bm25' })).hits.length > 0)
})

it('a catalog that cannot be read is told, and does not end the watch', { timeout: 60_000 }, async () => {
  const repoDir = repository()
  const { until, finds, errors, dataDir } = await watched(repoDir)
  await addNote(dataDir, { text: 'first' })
  const catalog = join(dataDir, 'catalog.sqlite')
  for (const suffix of ['-wal', '-shm']) rmSync(catalog + suffix, { force: true })
  writeFileSync(catalog, 'rubbish '.repeat(1_000))
  await until(() => errors.length > 0)
  expect(errors[0]).toMatchObject({ code: 'STORE_CATALOG' })
  rmSync(catalog)
  await (await openEventStore({ dir: dataDir })).close()
  writeFileSync(join(repoDir, 'src/store/CONTEXT.md'), context('store', 'Zeppelin archive.'))
  await until(finds('zeppelin'))
})
