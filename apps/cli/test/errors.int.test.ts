import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEventStore } from '@vectra/event-store'
import { type ReplayRecord, serveReplay, systemClock } from '@vectra/ingest'
import { sampleFeed } from '@vectra/recorder'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type CliResult, scratch, startCli, vectra } from './run-cli.ts'

const LINE = '{"seq": 1, "ts": "2025-12-12T17:16:58.624285", "event": "newChatMessage", "data": {"message": "hi"}}\n'
const dir = scratch()
const data = join(dir.path, 'data')
const log = join(dir.path, 'log.jsonl')
beforeAll(async () => {
  // Others may look in: some cases run as a user without rights.
  chmodSync(dir.path, 0o755)
  writeFileSync(log, LINE)
  expect((await vectra(['import', log, '--data-dir', data])).code).toBe(0)
})
afterAll(() => dir[Symbol.dispose]())

/** One clear screen: what, what to do, the code; nothing on stdout; the same facts with --json. */
async function refused(
  args: readonly string[],
  expected: { exit: number; code: string; says: RegExp },
  options: Parameters<typeof vectra>[1] = {},
): Promise<CliResult> {
  const [text, json] = await Promise.all([vectra(args, options), vectra([...args, '--json'], options)])
  expect({ code: text.code, stdout: text.stdout }).toEqual({ code: expected.exit, stdout: '' })
  expect(text.stderr).toMatch(/^error: /)
  expect(text.stderr).toMatch(expected.says)
  expect(text.stderr).toContain(`code  ${expected.code} (exit ${expected.exit})`)
  expect(text.stderr.trim().split('\n').length).toBeLessThan(25)
  expect(text.stderr).not.toMatch(/^ +at .*\.ts:\d+/m)
  expect(json.code).toBe(expected.exit)
  const lines = json.stderr.trim().split('\n')
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ error: { code: expected.code, exit: expected.exit } })
  return text
}

it.each(['games', 'events', 'tail', 'store stats', 'store verify', 'query SELECT_1'])(
  'a data directory that does not exist is exit 1 and says how to fill it: %s',
  async (verb) => {
    await refused([...verb.split(' ').map((word) => word.replace('_', ' ')), '--data-dir', join(dir.path, 'nowhere')], {
      exit: 1,
      code: 'CLI_DATA_DIR_MISSING',
      says: /vectra record.*vectra import/,
    })
  },
)

it('a data directory that is a file is exit 73', async () => {
  await refused(['games', '--data-dir', log], { exit: 73, code: 'CLI_DATA_DIR_UNUSABLE', says: /is a file/ })
})

it.each([
  ['a syntax error', 'SELECT 1 FORM events', /syntax error/, /\^/],
  ['an unknown column', 'SELECT\n  tik\nFROM events', /"tik"/, /did you mean "tick"/],
  ['an unknown view', 'SELECT * FROM evnts', /evnts/, /did you mean "events"/],
  ['two statements', 'SELECT 1; SELECT 2', /more than one statement/, /one at a time/],
])('SQL: %s is exit 2 with the place and what to try', async (_name, sql, says, more) => {
  const { stderr } = await refused(['query', sql, '--data-dir', data], { exit: 2, code: stderr2(sql), says })
  expect(stderr).toMatch(more)
})
function stderr2(sql: string): string {
  return sql.includes(';') ? 'QUERY_FORBIDDEN' : 'QUERY_SQL'
}

it.each(["COPY events TO 'x.csv'", "SELECT * FROM read_csv('/etc/passwd')"])(
  'SQL that is not read-only is refused: %s',
  async (sql) => {
    await refused(['query', sql, '--data-dir', data], { exit: 2, code: 'QUERY_FORBIDDEN', says: /not allowed/ })
  },
)

it('a statement that takes too long is exit 75', async () => {
  const sql = 'SELECT count(*) FROM range(1000000) a, range(1000000) b'
  await refused(['query', sql, '--timeout', '200ms', '--data-dir', data], {
    exit: 75,
    code: 'QUERY_TIMEOUT',
    says: /longer than 200 ms/,
  })
})

it('Ctrl-C during a query is exit 130, and says nothing of an error', async () => {
  const running = startCli(
    ['query', 'SELECT count(*) FROM range(1000000) a, range(1000000) b', '--timeout', '5m', '--data-dir', data],
    { env: { VECTRA_LOG_LEVEL: 'debug' } },
  )
  await running.seen(/"msg":"running"/)
  running.child.kill('SIGINT')
  const { code, stdout, stderr } = await running.done
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  expect(stderr).not.toMatch(/^error/m)
})

it('an output file that exists is kept: exit 73; one inside the data directory is refused', async () => {
  const out = join(dir.path, 'out.csv')
  writeFileSync(out, 'precious')
  await refused(['query', 'SELECT 1', '--format', 'csv', '-o', out, '--data-dir', data], {
    exit: 73,
    code: 'CLI_OUTPUT_EXISTS',
    says: /--overwrite/,
  })
  expect(readFileSync(out, 'utf8')).toBe('precious')
  await refused(['query', 'SELECT 1', '--format', 'csv', '-o', join(data, 'x.csv'), '--data-dir', data], {
    exit: 73,
    code: 'CLI_OUTPUT_REFUSED',
    says: /inside the data directory/,
  })
  await refused(['query', 'SELECT 1', '--format', 'csv', '-o', join(dir.path, 'no', 'x.csv'), '--data-dir', data], {
    exit: 73,
    code: 'CLI_OUTPUT_REFUSED',
    says: /cannot write/,
  })
  await refused(['query', 'SELECT 1', '--format', 'parquet', '-o', join(data, 'x.parquet'), '--data-dir', data], {
    exit: 73,
    code: 'QUERY_EXPORT',
    says: /inside the data directory/,
  })
})

it('query without a statement, with two, or with an unreadable file', async () => {
  await refused(['query', '--data-dir', data], { exit: 2, code: 'CLI_USAGE', says: /no statement/ })
  await refused(['query', 'SELECT 1', '-f', log, '--data-dir', data], { exit: 2, code: 'CLI_USAGE', says: /both/ })
  await refused(['query', '-f', 'nowhere.sql', '--data-dir', data], {
    exit: 1,
    code: 'CLI_FILE_UNREADABLE',
    says: /nowhere\.sql/,
  })
  await refused(['query', 'SELECT 1', '--format', 'parquet', '--data-dir', data], { exit: 2, code: 'CLI_USAGE', says: /-o FILE/ })
})

it('an unknown game and a time that is none', async () => {
  await refused(['game', '20251212-0000000000000000', '--data-dir', data], {
    exit: 1,
    code: 'CLI_GAME_NOT_FOUND',
    says: /no game/,
  })
  await refused(['events', '--since', 'yesterday', '--data-dir', data], { exit: 2, code: 'CLI_USAGE', says: /--since yesterday/ })
})

it('a directory that is no store is said to hold nothing, not only to be in order', async () => {
  const other = join(dir.path, 'other')
  mkdirSync(other)
  const { code, stderr } = await vectra(['store', 'verify', '--data-dir', other])
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`nothing is stored in ${other}`) })
  expect((await vectra(['store', 'verify', '--data-dir', data])).stderr).not.toContain('nothing is stored')
})

it('a damaged part is found: verify exits 65 and names the file', async () => {
  const copy = join(dir.path, 'damaged')
  execFileSync('cp', ['-r', data, copy])
  const parts = readdirSync(join(copy, 'events_parquet'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.parquet'),
  )
  const part = join(copy, 'events_parquet', parts[0] ?? '')
  truncateSync(part, statSync(part).size - 7)
  const { code, stdout } = await vectra(['store', 'verify', '--data-dir', copy])
  expect(code).toBe(65)
  expect(stdout).toMatch(/part_checksum/)
  expect(stdout).toContain(parts[0])
  const deep = await vectra(['store', 'verify', '--deep', '--json', '--data-dir', copy])
  expect(deep.code).toBe(65)
  expect(JSON.parse(deep.stdout)).toMatchObject({
    ok: false,
    deep: true,
    findings: expect.arrayContaining([expect.objectContaining({ kind: 'part_checksum' })]),
  })
  const recovered = await vectra(['store', 'recover', '--data-dir', copy])
  expect(recovered.code).toBe(0)
  expect(recovered.stdout).toMatch(/set aside +\w+-part-[\w-]+\.parquet/)
  const { stdout: after } = await vectra(['store', 'verify', '--data-dir', copy])
  expect(after).toMatch(/part_missing[\s\S]*set aside by a recovery: quarantine\//)
})

it('store recover makes no store of a directory that never was one', async () => {
  using dir = scratch()
  writeFileSync(join(dir.path, 'notes.txt'), 'mine')
  for (const more of [[], ['--rebuild-catalog']]) {
    const { code, stdout, stderr } = await vectra(['store', 'recover', ...more, '--data-dir', dir.path])
    expect([code, stdout, readdirSync(dir.path)]).toEqual([1, '', ['notes.txt']])
    expect(stderr).toContain('CLI_DATA_DIR_MISSING')
    expect(stderr).toContain(dir.path)
  }
  // What is left of a store is enough.
  mkdirSync(join(dir.path, 'journal'))
  expect((await vectra(['store', 'recover', '--data-dir', dir.path])).code).toBe(0)
})

it('a session that another process holds is exit 75', async () => {
  const store = await openEventStore({ dir: data })
  try {
    const { stdout } = await vectra(['sessions', '--json', '--data-dir', data])
    const { session_id: sessionId }: { session_id: string } = JSON.parse(stdout)
    await store.openSession({ sessionId, source: 'replay' })
    await refused(['import', log, '--data-dir', data], {
      exit: 75,
      code: 'STORE_SESSION_LOCKED',
      says: /being written by process \d+/,
    })
  } finally {
    await store.close()
  }
})

const isRoot = process.getuid?.() === 0
/** Root may read and write anything: there another user is tried. */
const withoutRights = isRoot ? { uid: 65_534 } : {}

it('without rights: an unreadable file is exit 1, a directory that cannot be written exit 73', async () => {
  const secret = join(dir.path, 'secret.jsonl')
  copyFileSync(log, secret)
  chmodSync(secret, 0o000)
  const own = join(dir.path, 'nobody')
  mkdirSync(own)
  chmodSync(own, 0o777)
  const options = { cwd: own, ...withoutRights }
  await refused(
    ['import', secret, '--data-dir', join(own, 'data')],
    { exit: 1, code: 'CLI_FILE_UNREADABLE', says: /this user may not read it/ },
    options,
  )
  const closed = join(dir.path, 'closed')
  mkdirSync(closed, { mode: 0o555 })
  const world = join(own, 'log.jsonl')
  copyFileSync(log, world)
  chmodSync(world, 0o644)
  await refused(['import', world, '--data-dir', closed], { exit: 73, code: 'STORE_READ_ONLY', says: /no permission/ }, options)
  const url = 'http://127.0.0.1:9'
  await refused(
    ['record', '--url', url, '--data-dir', closed],
    { exit: 73, code: 'STORE_READ_ONLY', says: /no permission/ },
    options,
  )
})

/** A file system of its own: only root may mount one. */
function small(bytes: number): (Disposable & { path: string }) | undefined {
  const path = join(dir.path, `small-${bytes}`)
  mkdirSync(path, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    process.stderr.write('SKIPPED full disk: no right to mount a tmpfs\n')
    return undefined
  }
  return { path, [Symbol.dispose]: () => void execFileSync('umount', ['-l', path]) }
}

const SAMPLE = [...sampleFeed({ seed: 'full', startAt: 1_770_365_059_440_000, games: 4 })].map(
  ({ at, text }): ReplayRecord => ({ at, text, direction: 'received' }),
)

it.runIf(isRoot)(
  'a full disk: import is exit 73, and what it had acknowledged is complete once there is room',
  async () => {
    using disk = small(1_048_576)
    if (disk === undefined) return
    const big = join(dir.path, 'big.jsonl')
    writeFileSync(
      big,
      SAMPLE.map(({ text }, index) => {
        const [, name = '', args = ''] = /^42\["([^"]+)",(.*)\]$/.exec(String(text)) ?? []
        const payload = args.startsWith('{"__trace"') ? `[${args}]` : args
        return `{"seq": ${index + 1}, "ts": "2026-02-06T03:04:19.${String(index % 1_000).padStart(6, '0')}", "event": "${name}", "data": ${payload}}\n`
      }).join(''),
    )
    const at = join(disk.path, 'data')
    const full = await vectra(['import', big, '--data-dir', at])
    expect(full.code).toBe(73)
    expect(full.stderr).toMatch(/disk full|no room/)
    expect(full.stderr).toMatch(/run the same command again|free space/)
    execFileSync('mount', ['-o', 'remount,size=33554432', disk.path])
    const again = await vectra(['import', big, '--json', '--data-dir', at])
    expect(again.code).toBe(0)
    expect(JSON.parse(again.stdout)).toMatchObject({ total: { events: SAMPLE.length } })
    const { stdout } = await vectra([
      'query',
      'SELECT count(*) AS n, count(DISTINCT seq) AS seqs FROM ws_event',
      '--json',
      '--data-dir',
      at,
    ])
    expect(JSON.parse(stdout)).toEqual([{ n: SAMPLE.length, seqs: SAMPLE.length }])
    expect((await vectra(['store', 'verify', '--data-dir', at])).code).toBe(0)
  },
  60_000,
)

it.runIf(isRoot)(
  'a full disk while recording: it waits for room, says so, and stopping is exit 73 when none came',
  async () => {
    using disk = small(1_048_577)
    if (disk === undefined) return
    await using server = await serveReplay({ records: SAMPLE, clock: systemClock(), speed: 'max', loop: true })
    const at = join(disk.path, 'data')
    const recorder = startCli(['record', '--url', server.url, '--data-dir', at])
    await recorder.seen(/"code":"STORE_DISK_FULL"/)
    recorder.child.kill('SIGINT')
    const { code, stderr } = await recorder.done
    expect(code).toBe(73)
    expect(stderr).toMatch(/error: /)
    execFileSync('mount', ['-o', 'remount,size=67108864', disk.path])
    expect((await vectra(['store', 'recover', '--data-dir', at])).code).toBe(0)
    const { stdout } = await vectra([
      'query',
      'SELECT count(*) AS n, max(seq) AS last FROM events WHERE packet IS NOT NULL',
      '--json',
      '--data-dir',
      at,
    ])
    const [{ n, last }]: [{ n: number; last: number }] = JSON.parse(stdout)
    expect(n).toBeGreaterThan(0)
    expect(n).toBe(last)
  },
  60_000,
)
