import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAVE_PEERS, MOTHERDUCK } from './mcp-peers.ts'
import { fillStore } from './mcp-server.ts'
import { type CliResult, scratch, vectra } from './run-cli.ts'

const REMOTE = { VECTRA_QUERY_REMOTE: `${MOTHERDUCK} --db-path :memory: --read-write` }

let dir: ReturnType<typeof scratch>
let data: string
beforeAll(async () => {
  dir = scratch()
  data = await fillStore(dir.path)
}, 120_000)
afterAll(() => dir[Symbol.dispose]())

const query = (sql: string, env: Record<string, string> = {}, ...more: string[]): Promise<CliResult> =>
  vectra(['query', sql, '--format', 'json', '--data-dir', data, ...more], { env })

describe.skipIf(!HAVE_PEERS)('through the real mcp-server-motherduck', () => {
  it.each([
    'SELECT doc_type, count(*) AS n, max(price) AS peak, 9007199254740993::BIGINT AS wide FROM events GROUP BY 1 ORDER BY 1',
    'SELECT seq, tick, price, active, ts FROM game_tick ORDER BY session_id, seq LIMIT 500',
    "SELECT payload->>'$.gameId' AS game, raw_json FROM ws_event WHERE event_name = 'standard/newTrade' ORDER BY seq LIMIT 20",
  ])('%s: the same answer as the local engine', async (sql) => {
    const [remote, local] = [await query(sql, REMOTE, '--engine', 'motherduck'), await query(sql)]
    expect(remote.stderr).toMatch(/answered by motherduck/)
    expect(local.stderr).not.toMatch(/answered by/)
    expect(remote.stdout).toBe(local.stdout)
    expect(JSON.parse(remote.stdout).length).toBeGreaterThan(0)
  })

  // A busy machine may start it too late, and then the local engine answers: that, too, is the promise.
  it('is asked without being named, when it is there in time', { retry: 3 }, async () => {
    expect((await query('SELECT 1 AS one', REMOTE)).stderr).toMatch(/answered by motherduck/)
  })

  it('errors are those of the local engine, and files stay out of reach', async () => {
    const wrong = await query('SELECT gameId FROM events', REMOTE, '--engine', 'motherduck')
    expect([wrong.code, wrong.stdout]).toEqual([2, ''])
    expect(wrong.stderr).toMatch(/game_id/)
    expect((await query("SELECT * FROM read_text('/etc/passwd')", REMOTE)).stderr).toMatch(/QUERY_FORBIDDEN/)
  })
})

it('falls back to the local engine and says why; motherduck means it', async () => {
  const gone = { VECTRA_QUERY_REMOTE: '/nowhere/mcp-server-motherduck' }
  const auto = await query('SELECT count(*) AS n FROM events', gone)
  expect(auto.code).toBe(0)
  expect(auto.stderr).toMatch(/answered by local: cannot start/)
  expect((await query('SELECT count(*) AS n FROM events', gone, '--engine', 'local')).stderr).not.toMatch(/answered by/)
  const must = await query('SELECT count(*) AS n FROM events', gone, '--engine', 'motherduck')
  expect([must.code, must.stdout]).toEqual([69, ''])
  const none = await query('SELECT count(*) AS n FROM events', {}, '--engine', 'motherduck')
  expect([none.code, none.stderr]).toEqual([69, expect.stringMatching(/no remote is configured[\s\S]*query\.remote/)])
})
