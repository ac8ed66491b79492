import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { motherDuckAttach } from '../../src/engines/motherduck-attach.ts'
import { openQuery } from '../../src/query/engine.ts'
import { type Fixture, fixture, stateFrame, T0 } from '../query/fixture.ts'
import { engineConformance } from './conformance.ts'
import { type DuckDbProcess, duckDbProcess } from './duckdb-process.ts'

engineConformance({ name: 'the local DuckDB' })
engineConformance({ name: 'a DuckDB in another process', remote: () => duckDbProcess() })

describe('who answers', () => {
  let data: Fixture
  let remote: DuckDbProcess

  beforeEach(async () => {
    data = await fixture()
    await data.write([0, 1].flatMap((tick) => stateFrame({ ts: T0 + tick, seq: tick + 1, tick, price: '1.5' })))
    remote = duckDbProcess()
  })

  afterEach(async () => {
    await remote.close()
    await data[Symbol.asyncDispose]()
  })

  const open = (options: Partial<Parameters<typeof openQuery>[0]>) =>
    openQuery({ dir: data.dir, source: data.source, ...options })

  it('auto without a remote is local, and says so', async () => {
    await using engine = await open({ engine: 'auto' })
    expect(await engine.sql('SELECT count(*) FROM ticks')).toMatchObject({ rows: [[2n]], answeredBy: 'local' })
    expect(engine.status()).toEqual({ engine: 'local', reason: 'no remote is configured', remote: null, version: null })
  })

  it('motherduck without a remote is an error that says what to do', async () => {
    await using engine = await open({ engine: 'motherduck' })
    await expect(engine.sql('SELECT 1')).rejects.toMatchObject({
      code: 'QUERY_REMOTE',
      message: expect.stringMatching(/no remote is configured; choose the engine auto or local/),
    })
  })

  it('a remote that goes away: auto answers from here and says why, motherduck fails', async () => {
    await using auto = await open({ engine: 'auto', remote })
    expect(await auto.sql('SELECT count(*) FROM ticks')).toMatchObject({ rows: [[2n]], answeredBy: 'motherduck' })
    await remote.kill()
    const gone: DuckDbProcess = { ...remote, query: () => Promise.reject(new Error('the process has ended')) }
    await using late = await open({ engine: 'auto', remote: gone })
    expect(await late.sql('SELECT count(*) FROM ticks')).toMatchObject({ rows: [[2n]], answeredBy: 'local' })
    expect(late.status()).toMatchObject({ engine: 'local', reason: 'the process has ended', remote: 'a DuckDB process' })
    await using strict = await open({ engine: 'motherduck', remote: gone })
    await expect(strict.sql('SELECT 1')).rejects.toMatchObject({ code: 'QUERY_REMOTE', context: { remote: 'a DuckDB process' } })
  })

  it('a remote that never answers costs its timeout, and no more', async () => {
    await using engine = await open({ engine: 'motherduck', remote })
    await engine.probe()
    remote.hang()
    await expect(engine.sql('SELECT 1', { timeoutMs: 200 })).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
  })

  it('a remote that cannot see the files: auto answers from here, motherduck says what it said', async () => {
    const blind: DuckDbProcess = {
      ...remote,
      query: () => Promise.reject(new Error('IO Error: No files found that match the pattern "/part.parquet"')),
    }
    await using auto = await open({ engine: 'auto', remote: blind })
    expect(await auto.sql('SELECT count(*) FROM ticks')).toMatchObject({ rows: [[2n]], answeredBy: 'local' })
    await using strict = await open({ engine: 'motherduck', remote: blind })
    await expect(strict.sql('SELECT count(*) FROM ticks')).rejects.toMatchObject({
      code: 'QUERY_REMOTE',
      message: expect.stringContaining('No files found'),
    })
  })

  it('a remote with a bound of its own: the answer says that it is cut off, a stream is an error', async () => {
    const small = duckDbProcess({ cap: 3 })
    await using engine = await open({ engine: 'motherduck', remote: small })
    const answer = await engine.sql('SELECT i FROM range(10) t(i)')
    expect(answer).toMatchObject({ truncated: true, truncatedBy: 'rows' })
    expect(answer.rows).toHaveLength(3)
    await expect(engine.stream('SELECT i FROM range(10) t(i)')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'QUERY_REMOTE',
    })
    await small.close()
  })

  it('what the sandbox refuses never leaves the process', async () => {
    await using engine = await open({ engine: 'motherduck', remote })
    await engine.probe()
    for (const sql of [
      `SELECT * FROM read_text('/etc/passwd')`,
      `SELECT * FROM "/etc/passwd"`,
      `SELECT getenv('HOME')`,
      'DROP VIEW events',
      'SELECT nope',
    ]) {
      await expect(engine.sql(sql)).rejects.toBeInstanceOf(Error)
    }
    expect(remote.asked).toEqual([])
  })

  it('the statement that leaves names its files, and nothing of ours', async () => {
    await using engine = await open({ engine: 'motherduck', remote })
    await engine.sql('SELECT count(*) FROM ticks')
    const [sql = ''] = remote.asked
    expect(sql).toContain(data.source.files.find((file) => file.docType === 'game_tick')?.absolutePath)
    expect(sql).not.toContain('doc_type=ws_event')
    expect(sql).not.toMatch(/\bmain\./)
  })
})

describe('MotherDuck attached', () => {
  const attach = (token: string | undefined) =>
    motherDuckAttach({ token, extension: '/nowhere/motherduck.duckdb_extension', tempDir: '/tmp/vectra-motherduck-none' })

  it('without a token it says which variable to set', async () => {
    expect(await attach(undefined).probe()).toEqual({ ok: false, reason: 'no MotherDuck token: set MOTHERDUCK_TOKEN' })
  })

  it('without the extension it says so, downloads nothing, and never shows the token', async () => {
    const remote = attach('secret-token')
    const found = await remote.probe()
    expect(found).toMatchObject({ ok: false, reason: expect.stringContaining('motherduck extension is not on this machine') })
    expect(JSON.stringify(found)).not.toContain('secret-token')
    await remote.close()
  })

  it('auto goes on with the local engine', async () => {
    await using data = await fixture()
    await using engine = await openQuery({ dir: data.dir, source: data.source, engine: 'auto', remote: attach('secret-token') })
    expect((await engine.sql('SELECT 1')).answeredBy).toBe('local')
    expect(engine.status()).toMatchObject({ engine: 'local', remote: 'MotherDuck (md:)' })
  })
})
