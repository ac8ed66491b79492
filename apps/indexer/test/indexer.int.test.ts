import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from '@vectra/event-store'
import { expect, it, onTestFinished } from 'vitest'
import { addNote, type Indexer, openIndexer, serveMetrics } from '../src/index.ts'
import { recordSample, repository, temporaryFolder } from './sample.ts'

async function open(config: Partial<Parameters<typeof openIndexer>[0]> & { dataDir: string }): Promise<Indexer> {
  const indexer = await openIndexer({ model: 'none', cacheDir: join(config.dataDir, '..', 'cache'), ...config })
  onTestFinished(() => indexer.close())
  return indexer
}

const written = (report: Awaited<ReturnType<Indexer['run']>>): number =>
  report.tables.reduce((sum, table) => sum + table.written + table.deleted, 0)

it('indexes a recording, a repository and notes; a second run does nothing; a rebuild gives the same rows', {
  timeout: 60_000,
}, async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const repoDir = repository()
  await recordSample(dataDir, 'indexer')
  const note = await addNote(dataDir, { text: 'Why Decimal\nFloats lose digits of prices.', author: 'ada', tags: ['money'] })
  const indexer = await open({ dataDir, repoDir })
  await indexer.run()
  const kinds = new Set((await indexer.index.contents('events')).map((row) => row['kind']))
  expect([...kinds].sort()).toEqual(expect.arrayContaining(['game', 'protocol', 'rug', 'schema', 'shape', 'trade']))
  expect((await indexer.index.contents('code_context')).map((row) => row['path'])).toEqual(
    expect.not.arrayContaining(['ignored/CONTEXT.md', 'node_modules/x/CONTEXT.md']),
  )

  const { hits } = await indexer.search({ text: 'why decimal', tables: ['debug_notes'] })
  expect(hits).toMatchObject([{ reference: { author: 'ada', session_id: note.sessionId, seq: 1 } }])

  expect(written(await indexer.run())).toBe(0)
  const before = await Promise.all(
    (['events', 'code_context', 'debug_notes'] as const).map((table) => indexer.index.contents(table)),
  )
  await indexer.close()
  rmSync(join(dataDir, 'vectors'), { recursive: true })
  const again = await open({ dataDir, repoDir })
  await again.rebuild()
  const after = await Promise.all(
    (['events', 'code_context', 'debug_notes'] as const).map((table) => again.index.contents(table)),
  )
  expect(after).toEqual(before)
})

it('P11: a second recording is added as if both had been indexed at once', { timeout: 60_000 }, async () => {
  const dataDir = join(temporaryFolder(), 'data')
  await recordSample(dataDir, 'one')
  const kept = await open({ dataDir })
  await kept.run()
  await recordSample(dataDir, 'two')
  const second = await kept.run()
  expect(second.tables[0]?.loaded).toBeLessThan(second.tables[0]?.scopes ?? 0)
  const rows = await kept.index.contents('events')
  await kept.rebuild()
  expect(await kept.index.contents('events')).toEqual(rows)
})

it('without a repository its rows stay as they are, and the run says so', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const inside = await open({ dataDir, repoDir: repository() })
  await inside.run()
  const rows = await inside.index.contents('code_context')
  const protocol = (await inside.index.contents('events')).filter((row) => row['kind'] === 'protocol').length
  expect(protocol).toBeGreaterThan(0)
  const outside = await open({ dataDir })
  const report = await outside.run()
  expect(report.skipped).toEqual([{ table: 'code_context', why: expect.stringContaining('--repo') }])
  expect(await outside.index.contents('code_context')).toEqual(rows)
  expect((await outside.index.contents('events')).filter((row) => row['kind'] === 'protocol')).toHaveLength(protocol)
})

it('indexing writes nothing in the data directory but its own folder', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const indexer = await open({ dataDir, repoDir: repository() })
  await indexer.run()
  expect(readdirSync(dataDir)).toEqual(['vectors'])
})

it('a note without text, or about no event, is refused before the store is opened', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  await expect(addNote(dataDir, { text: ' ' })).rejects.toMatchObject({ code: 'INDEXER_NOTE_EMPTY' })
  await expect(addNote(dataDir, { text: 'x', events: ['12'] })).rejects.toMatchObject({ code: 'INDEXER_REFERENCE' })
})

it('metrics tell what was written, embedded and how long it took', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const indexer = await open({ dataDir, repoDir: repository() })
  await indexer.run({ tables: ['code_context'] })
  await indexer.run({ tables: ['code_context'] })
  const text = await indexer.metrics()
  const rows = (await indexer.index.contents('code_context')).length
  expect(text).toContain(`vectra_index_rows_total{table="code_context",change="written"} ${rows}`)
  expect(text).toContain(`vectra_index_table_rows{table="code_context"} ${rows}`)
  expect(text).toContain('vectra_index_run_seconds_count{table="code_context",result="unchanged"} 1')
})

it('metrics tell how many stored events came since a table was brought up to date', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const indexer = await open({ dataDir })
  const lag = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      [...(await indexer.metrics()).matchAll(/^vectra_index_lag_events\{table="(\w+)"\} (\d+)$/gm)].map(([, table, events]) => [
        table,
        Number(events),
      ]),
    )
  expect(await lag()).toEqual({})
  await indexer.run({ tables: ['events', 'debug_notes'] })
  expect(await lag()).toEqual({ events: 0, debug_notes: 0 })
  await recordSample(dataDir, 'lag')
  await addNote(dataDir, { text: 'one note' })
  const canonical = listFiles(dataDir)
    .filter(({ docType }) => docType === 'ws_event' || docType === 'system_event')
    .reduce((sum, { rows }) => sum + rows, 0)
  expect(canonical).toBeGreaterThan(100)
  expect(await lag()).toEqual({ events: canonical, debug_notes: 1 })
  await indexer.run({ tables: ['debug_notes'] })
  expect(await lag()).toEqual({ events: canonical, debug_notes: 0 })
  await indexer.run({ tables: ['events'] })
  expect(await lag()).toEqual({ events: 0, debug_notes: 0 })
})

it('relations carry the verdict of a check against the code, and follow it when the code changes', {
  timeout: 60_000,
}, async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const repoDir = repository()
  const put = (path: string, text: string): void => {
    mkdirSync(join(repoDir, path, '..'), { recursive: true })
    writeFileSync(join(repoDir, path), text)
  }
  put('src/bus.ts', 'export class Bus {}\n')
  put('src/app/main.ts', "import { Bus } from '../bus.ts'\nexport const bus = new Bus()\n")
  put(
    'src/app/CONTEXT.md',
    '# app Context\n\n## Related Scripts\n| Script | Relationship |\n|---|---|\n| `../bus.ts` | Imports Bus from |\n| `../bus.ts` | Inherits from |\n',
  )
  const indexer = await open({ dataDir, repoDir })
  const verdicts = async (): Promise<unknown[]> =>
    (await indexer.index.contents('code_context'))
      .filter((row) => row['kind'] === 'relations')
      .map((row) => [row['line'], row['verdict']])
      .sort()
  await indexer.run({ tables: ['code_context'] })
  expect(await verdicts()).toEqual([
    [6, 'verified'],
    [7, 'contradicted'],
  ])
  const { hits } = await indexer.search({ text: 'imports Bus', tables: ['code_context'], mode: 'bm25' })
  expect(hits[0]?.reference.verdict).toBe('verified')

  expect(written(await indexer.run({ tables: ['code_context'] }))).toBe(0)
  put('src/app/main.ts', "import { Bus } from '../bus.ts'\nexport class App extends Bus {}\n")
  await indexer.run({ tables: ['code_context'] })
  expect(await verdicts()).toEqual([
    [6, 'verified'],
    [7, 'verified'],
  ])
})

it('the index state is the SHA-256 of each file as it was indexed', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const repoDir = repository()
  const indexer = await open({ dataDir, repoDir })
  expect((await indexer.indexState()).size).toBe(0)
  await indexer.run({ tables: ['code_context'] })
  const hash = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(join(repoDir, path)))
      .digest('hex')
  const paths = ['src/decode/CONTEXT.md', 'src/store/CONTEXT.md']
  expect(Object.fromEntries(await indexer.indexState())).toEqual(Object.fromEntries(paths.map((path) => [path, hash(path)])))
  writeFileSync(join(repoDir, 'src/store/CONTEXT.md'), '# store Context\n\n## Purpose\nOther.\n')
  expect((await indexer.indexState()).get('src/store/CONTEXT.md')).not.toBe(hash('src/store/CONTEXT.md'))
})

it('metrics are served to this machine alone', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const indexer = await open({ dataDir, repoDir: repository() })
  await indexer.run({ tables: ['code_context'] })
  await using server = await serveMetrics(indexer, 0)
  const ask = (path: string, init: RequestInit = {}) => fetch(new URL(path, server.url), init)
  const answer = await ask('/metrics')
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  expect(await answer.text()).toContain('vectra_index_table_rows{table="code_context"}')
  expect([(await ask('/healthz')).status, (await ask('/')).status, (await ask('/metrics', { method: 'POST' })).status]).toEqual([
    200, 404, 405,
  ])
  const taken = Number(new URL(server.url).port)
  await expect(serveMetrics(indexer, taken)).rejects.toMatchObject({ code: 'INDEXER_PORT' })
})

it('credentials in notes and documentation are not indexed', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const repoDir = repository()
  const secret = `sk-ant-${'a1'.repeat(16)}`
  writeFileSync(
    join(repoDir, 'src/store/CONTEXT.md'),
    `# store Context\n\n## Purpose\nUses ${secret} and password=hunter2hunter2.\n`,
  )
  await addNote(dataDir, { text: `the key\nis ${secret}`, author: 'ada' })
  const indexer = await open({ dataDir, repoDir })
  await indexer.run()
  const rows = JSON.stringify([await indexer.index.contents('code_context'), await indexer.index.contents('debug_notes')])
  expect(rows).toContain('[redacted]')
  expect(rows).not.toMatch(/sk-ant|hunter2/)
})

it('a folder inside a repository has its verdicts; a data directory inside it is no part of it', {
  timeout: 60_000,
}, async () => {
  const root = temporaryFolder()
  execFileSync('git', ['init', '-q'], { cwd: root })
  const repoDir = join(root, 'inner')
  for (const [path, text] of Object.entries({
    'bus.ts': 'export class Bus {}\n',
    'app/main.ts': "import { Bus } from '../bus.ts'\nexport const bus = new Bus()\n",
    'app/CONTEXT.md':
      '# app Context\n\n## Related Scripts\n| Script | Relationship |\n|---|---|\n| `../bus.ts` | Imports Bus from |\n',
  })) {
    mkdirSync(join(repoDir, path, '..'), { recursive: true })
    writeFileSync(join(repoDir, path), text)
  }
  const indexer = await open({ dataDir: join(repoDir, 'data'), cacheDir: join(root, 'cache'), repoDir })
  await indexer.run({ tables: ['code_context'] })
  const rows = await indexer.index.contents('code_context')
  expect(rows.filter((row) => row['kind'] === 'relations')).toMatchObject([{ path: 'app/CONTEXT.md', verdict: 'verified' }])
  const [again] = (await indexer.run({ tables: ['code_context'] })).tables
  expect(again).toMatchObject({ scopes: 0, written: 0 })
})

it('a damaged part of the store fails its tables, and no other', { timeout: 60_000 }, async () => {
  const dataDir = join(temporaryFolder(), 'data')
  await recordSample(dataDir, 'damaged')
  for (const { absolutePath } of listFiles(dataDir)) writeFileSync(absolutePath, 'torn')
  const indexer = await open({ dataDir, repoDir: repository() })
  await expect(indexer.run()).rejects.toMatchObject({ code: expect.stringMatching(/^QUERY_/) })
  expect((await indexer.index.contents('code_context')).length).toBeGreaterThan(0)
})
