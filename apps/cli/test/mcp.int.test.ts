import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { openEventStore } from '@vectra/event-store'
import type { Peer } from '@vectra/mcp'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ask, connectTo, fillStore, REPOSITORY, serverOf } from './mcp-server.ts'
import { scratch, startCli, vectra } from './run-cli.ts'

let dir: ReturnType<typeof scratch>
let data: string
let peer: Peer

beforeAll(async () => {
  dir = scratch()
  data = await fillStore(dir.path)
  peer = await connectTo(data, ['--allow-sql', '--allow-write'])
}, 120_000)
afterAll(async () => {
  await peer.close()
  dir[Symbol.dispose]()
})

describe('the real binary over stdio', () => {
  it('speaks both eras, and writes nothing but messages', async () => {
    await using modern = await connectTo(data, [], { era: 'auto' })
    expect([modern.era, modern.protocolVersion]).toEqual(['modern', '2026-07-28'])
    expect(modern.tools.map((tool) => tool.name)).not.toContain('events_sql')
    expect(modern.tools.map((tool) => tool.name)).not.toContain('debug_note_add')
    await ask(modern, 'status')
    await ask(modern, 'games_list')
    expect(modern.noise).toEqual([])
    expect(peer.era).toBe('legacy')
  })

  it('every stored event comes once, page by page, in both directions', async () => {
    const all = async (order: string): Promise<string[]> => {
      const keys: string[] = []
      let cursor: unknown
      do {
        const page = await ask(peer, 'events_query', {
          limit: 200,
          order,
          max_chars: 60_000,
          ...(cursor === undefined ? {} : { cursor }),
        })
        for (const row of page['events'] as { session_id: string; seq: number }[]) keys.push(`${row.session_id}:${row.seq}`)
        cursor = page['next_cursor'] ?? undefined
      } while (cursor !== undefined)
      return keys
    }
    const up = await all('asc')
    const { rows } = (await ask(peer, 'events_sql', { sql: 'SELECT count(*) FROM events WHERE packet IS NOT NULL' })) as {
      rows: number[][]
    }
    expect(up).toHaveLength(rows[0]?.[0] ?? 0)
    expect(new Set(up).size).toBe(up.length)
    expect((await all('desc')).toReversed()).toEqual(up)
  })

  it('says which games have gaps, and proves the others', async () => {
    const { games } = (await ask(peer, 'games_list', { since: '2025-12-12', until: '2025-12-13', reason: 'gap' })) as {
      games: { game_id: string }[]
    }
    expect(games).toHaveLength(1)
    const { games: whole } = (await ask(peer, 'games_list', { complete: true })) as { games: { game_id: string }[] }
    expect(whole).toHaveLength(2)
    const { fairness, game } = await ask(peer, 'game_get', { game_id: whole[0]?.game_id.slice(-8), include: ['trades', 'ticks'] })
    expect(fairness).toMatchObject({ verdict: 'fair', faults: [] })
    expect(game).toMatchObject({ rug_tick: 90, complete: true })
    const { games: begun } = (await ask(peer, 'games_list', { reason: 'no_rug' })) as { games: { game_id: string }[] }
    expect(begun).toHaveLength(1)
    expect(await ask(peer, 'game_get', { game_id: begun[0]?.game_id })).toMatchObject({
      game: { complete: false, missing: [expect.stringContaining('rug')] },
      fairness: { verdict: 'unverifiable', server_seed: null },
    })
  })

  it('knows what depends on a file, and judges its CONTEXT.md', async () => {
    const { files } = (await ask(peer, 'code_context_impact', { paths: ['packages/ingest/src/frame.ts'] })) as {
      files: { importers: { path: string }[]; rows: object[] }[]
    }
    expect(files[0]?.importers.map((one) => one.path)).toContain('packages/ingest/src/translate.ts')
    expect(files[0]?.rows.length).toBeGreaterThan(0)
    const context = await ask(peer, 'code_context_get', { path: 'packages/ingest/src/frame.ts' })
    expect(context['path']).toBe('packages/ingest/src/CONTEXT.md')
    for (const path of ['../../etc/passwd', '/etc/passwd', 'packages/../../x']) {
      expect((await peer.call('code_context_get', { path })).isError).toBe(true)
    }
  })

  it('a note is durable when it is answered', { timeout: 120_000 }, async () => {
    const stored = await ask(peer, 'debug_note_add', { text: 'Gap at tick 20\nThe socket closed.', tags: ['network'] })
    expect(stored).toMatchObject({ durable: true, seq: 1 })
    expect((await vectra(['note', 'ls', '--data-dir', data])).stdout).toMatch(/Gap at tick 20/)
    await vectra(['index', 'run', '--model', 'none', '--table', 'notes', '--data-dir', data])
    expect(await ask(peer, 'debug_notes_search', { text: 'socket closed' })).toMatchObject({
      hits: [{ title: expect.stringContaining('Gap at tick 20') }],
    })
  })

  it('answers while a recorder writes, and keeps it from nothing', async () => {
    const sessionId = '0198a5b0-1c2d-7000-8000-0000000000ff'
    await using store = await openEventStore({ dir: data })
    await store.openSession({ sessionId, source: 'public_ws' })
    const raw = '["ping",{}]'
    for (let seq = 1; seq <= 50; seq++) {
      const asked = ask(peer, 'games_list')
      await store.append([
        {
          ...{
            _ts: Date.UTC(2025, 11, 14) * 1_000 + seq,
            _seq: seq,
            _source: 'public_ws',
            _session_id: sessionId,
            _game_id: null,
          },
          ...{ doc_type: 'ws_event', direction: 'received', event_name: 'ping', ack_id: null, trace_id: null, packet: '42' },
          ...{ raw_json: raw, payload_index: 1, payload: {}, issues: null, acked: null, origin: null },
        },
      ])
      expect((await asked)['games']).toHaveLength(4)
    }
    await store.endSession(sessionId)
    expect((await ask(peer, 'events_query', { session_id: sessionId, limit: 100 }))['returned']).toBe(50)
  })
})

describe('SQL of an agent', () => {
  /** The statements that the store's own sandbox is tested with. */
  const source = readFileSync(join(REPOSITORY, 'packages/event-store/test/query/sandbox.int.test.ts'), 'utf8')
  const block = source.slice(
    source.indexOf("describe('the sandbox refuses'"),
    source.indexOf('])', source.indexOf("describe('the sandbox refuses'")),
  )
  const attacks = [...block.matchAll(/^\s+\[('[^']*'|"[^"]*"), (`[^`$]*`|'[^']*'|"[^"]*")\],?$/gm)].map(([, , sql = '']) =>
    sql.slice(1, -1),
  )

  it('every attack of the sandbox’s own list is refused through the tool, too', { timeout: 120_000 }, async () => {
    expect(attacks.length).toBeGreaterThan(50)
    const passed: string[] = []
    for (const sql of attacks) {
      const { isError, blocks } = await peer.call('events_sql', { sql })
      if (!isError || !/^QUERY_(FORBIDDEN|SQL)/.test(blocks[0] ?? '')) passed.push(`${sql} → ${blocks[0]?.slice(0, 200)}`)
    }
    expect(passed).toEqual([])
  })

  it('a statement that eats its process ends that process alone', { timeout: 120_000 }, async () => {
    // Strings made inside one expression are not counted by DuckDB's memory limit.
    const eater = "SELECT list_transform(range(60000), lambda x: repeat('x', 90000))"
    const { isError, blocks } = await peer.call('events_sql', { sql: eater, timeout_ms: 20_000 })
    expect(isError).toBe(true)
    expect(blocks[0]).toMatch(/^(MCP_SQL_PROCESS|QUERY_MEMORY|QUERY_TIMEOUT)/)
    expect(
      await ask(peer, 'events_sql', { sql: 'SELECT 9007199254740993::BIGINT AS wide, 1.10::DECIMAL(38,20) AS price' }),
    ).toMatchObject({
      rows: [['9007199254740993', 1.1]],
    })
  })

  it('a statement that takes too long is stopped, and the next one runs', async () => {
    const endless = 'SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range * b.range = 7'
    const { isError, blocks } = await peer.call('events_sql', { sql: endless, timeout_ms: 500 })
    expect([isError, blocks[0]?.split(':')[0]]).toEqual([true, 'QUERY_TIMEOUT'])
    expect(await ask(peer, 'events_sql', { sql: 'SELECT 1' })).toMatchObject({ rows: [[1]] })
  })

  it('errors say where, and long answers are cut', async () => {
    const { blocks } = await peer.call('events_sql', { sql: 'SELECT gameId FROM events' })
    expect(blocks[0]).toMatch(/game_id/)
    const answer = await ask(peer, 'events_sql', { sql: 'SELECT raw_json FROM ws_event', max_rows: 500, max_chars: 5_000 })
    expect(answer['truncated']).toBe(true)
    expect(JSON.stringify(answer).length).toBeLessThanOrEqual(5_000)
  })
})

describe('without data', () => {
  it('answers, says what to do, and makes no directory for a path that may be mistyped', { timeout: 120_000 }, async () => {
    const nowhere = join(dir.path, 'nowhere')
    await using empty = await connectTo(nowhere, ['--allow-sql'])
    expect(await ask(empty, 'status')).toMatchObject({
      ...{ data_dir: nowhere, data_dir_exists: false, rows: {}, faults: [] },
      tables: [{ rows: 0 }, { rows: 0 }, { rows: 0 }],
    })
    expect(await ask(empty, 'games_list')).toMatchObject({ returned: 0, truncated: false })
    expect(await ask(empty, 'events_sql', { sql: 'SELECT count(*) FROM events' })).toMatchObject({ rows: [[0]] })
    const search = await empty.call('events_search', { text: 'rug' })
    expect([search.isError, search.blocks[0]]).toEqual([
      true,
      expect.stringMatching(/VECTORS_TABLE_MISSING.*[\s\S]*vectra index run/),
    ])
    expect(existsSync(nowhere)).toBe(false)
    await vectra(['import', join(dir.path, 'capture.jsonl'), '--data-dir', nowhere])
    expect(await ask(empty, 'games_list')).toMatchObject({ returned: 4 })
  })

  it('a name that is none, or is many, is told with what there is', async () => {
    const none = await peer.call('code_context_impact', { paths: ['nowhere.ts'] })
    expect([none.isError, none.blocks[0]]).toEqual([true, expect.stringMatching(/^MCP_ARGUMENT: no source file "nowhere.ts"/)])
    const many = await peer.call('game_get', { game_id: '20251212' })
    expect([many.isError, many.blocks[0]]).toEqual([
      true,
      expect.stringMatching(/^MCP_ARGUMENT: 4 games[\s\S]*20251212-[0-9a-f]{16}/),
    ])
  })
})

describe('stdout', () => {
  it.each([
    [['mcp', 'serve', '--nonsense'], 2],
    [['mcp', 'serve', '--http', '99999'], 2],
    [['mcp', 'serve', '--log-level', 'debug', '--config', '/nowhere.json'], 78],
  ])('%j: nothing', async (args, code) => {
    const result = await vectra([...args, '--data-dir', data], { input: '' })
    expect([result.stdout, result.code]).toEqual(['', code])
  })

  it('holds only messages when the input is no protocol at all', async () => {
    const input = ['not json', '{"jsonrpc":"2.0"}', '[]', '{"jsonrpc":"2.0","id":1,"method":"nowhere"}', '\u0000'].join('\n')
    const { stdout, code } = await vectra(['mcp', 'serve', '--data-dir', data, '--log-level', 'debug'], { input: `${input}\n` })
    for (const line of stdout.split('\n').filter((one) => one !== '')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' })
    expect(code).toBe(0)
  })

  it('holds only messages when the server is killed, or stopped', { timeout: 120_000 }, async () => {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const { command, args = [] } = serverOf(data)
      const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
      const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } }
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: hello })}\n`)
      let stdout = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
        // Once: a second signal would force the end.
        if (!child.killed && stdout.endsWith('\n')) child.kill(signal)
      })
      const [code] = (await once(child, 'close')) as [number | null]
      expect(stdout).toMatch(/"serverInfo"/)
      for (const line of stdout.split('\n').filter((one) => one !== '')) JSON.parse(line)
      expect(code).toBe(signal === 'SIGTERM' ? 0 : null)
    }
  })
})

describe('over HTTP', () => {
  it('answers on loopback to whoever has the token, and to nobody else', { timeout: 120_000 }, async () => {
    const token = 'a token of sixteen characters'
    const cli = startCli(['mcp', 'serve', '--http', ':0', '--json', '--data-dir', data], { env: { VECTRA_MCP_TOKEN: token } })
    // Whatever fails below, it does not outlive the test.
    onTestFinished(() => void cli.child.kill('SIGKILL'))
    const [, url = ''] = await cli.seen(/"url":"([^"]+)"/)
    const { connectPeer } = await import('@vectra/mcp')
    for (const era of ['legacy', 'auto'] as const) {
      await using client = await connectPeer({ url, headers: { Authorization: `Bearer ${token}` } }, { era })
      expect(client.era).toBe(era === 'auto' ? 'modern' : 'legacy')
      expect(await ask(client, 'games_list')).toMatchObject({ returned: 4 })
    }
    await expect(connectPeer({ url })).rejects.toMatchObject({ code: 'MCP_AUTH' })
    await expect(connectPeer({ url, headers: { Authorization: 'Bearer wrong' } })).rejects.toMatchObject({ code: 'MCP_AUTH' })
    const post = (headers: Record<string, string>) =>
      fetch(url, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers },
        body: '{}',
      })
    expect((await post({ Origin: 'https://evil.example' })).status).toBe(403)
    const taken = await vectra(['mcp', 'serve', '--http', `:${new URL(url).port}`, '--data-dir', data])
    expect([taken.code, taken.stdout, taken.stderr]).toEqual([75, '', expect.stringMatching(/is taken[\s\S]*:0 for any/)])
    const alien = createConnection(Number(new URL(url).port), '127.0.0.1')
    alien.end(
      `POST /mcp HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer ${token}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
    )
    const [answer] = (await once(alien, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 /)
    cli.child.kill('SIGTERM')
    const { stdout, stderr, code } = await cli.done
    expect([stdout, code]).toEqual([`${JSON.stringify({ url })}\n`, 0])
    expect(stderr).not.toContain(token)
  })
})
