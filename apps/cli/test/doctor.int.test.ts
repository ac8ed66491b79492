import { chmodSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openEventStore } from '@vectra/event-store'
import { startSimulator } from '@vectra/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkClock, checkNode, checkSpace, checkSync } from '../src/doctor/machine.ts'
import { checkNative, loadApart } from '../src/doctor/native.ts'
import { scratch, startCli, vectra } from './run-cli.ts'

interface Report {
  readonly ok: boolean
  readonly faults: number
  readonly warnings: number
  readonly findings: readonly { check: string; verdict: string; found: string; fix: string | null }[]
}

/** A server that answers like the feed would, at a time of its choice. */
let feed: Server
let feedUrl = ''
let aheadMs = 0
/** Credentials of the requests so far. */
const asked: (string | undefined)[] = []
beforeAll(async () => {
  feed = createServer((request, response) => {
    asked.push(request.headers.authorization)
    response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString())
    response.end('0{}')
  })
  await new Promise<void>((resolve) => feed.listen(0, '127.0.0.1', resolve))
  feedUrl = `http://127.0.0.1:${(feed.address() as AddressInfo).port}`
})
afterAll(() => {
  feed.close()
})

async function examine(
  dataDir: string,
  { env = {}, cwd, uid, args = [] }: { env?: Record<string, string>; cwd?: string; uid?: number; args?: string[] } = {},
) {
  const { code, stdout, stderr } = await vectra(['doctor', '--fast', '--json', '--data-dir', dataDir, ...args], {
    env: { VECTRA_RECORD_URL: feedUrl, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid }),
  })
  expect(stderr).toBe('')
  const report = JSON.parse(stdout) as Report
  return {
    code,
    report,
    of: (check: string) => report.findings.find((finding) => finding.check === check),
  }
}

async function aStore(dir: string, { kill = false } = {}): Promise<void> {
  const store = await openEventStore({ dir })
  const sessionId = '0198a5b0-1c2d-7000-8000-00000000d0c0'
  await store.openSession({ sessionId, source: 'public_ws' })
  await store.append([
    {
      _ts: Date.now() * 1_000,
      _seq: 1,
      _source: 'public_ws',
      _session_id: sessionId,
      _game_id: null,
      doc_type: 'ws_event',
      direction: 'received',
      event_name: 'x',
      ack_id: null,
      trace_id: null,
      packet: '42',
      raw_json: '["x"]',
      payload_index: null,
      payload: null,
      issues: null,
      acked: null,
      origin: null,
    },
  ])
  if (!kill) await store.endSession(sessionId)
  await store.close()
}

it('a healthy machine: every check is there, exit 0, nothing is changed', async () => {
  using dir = scratch()
  await aStore(join(dir.path, 'data'))
  const before = readdirSync(join(dir.path, 'data')).sort()
  const { code, report, of } = await examine(join(dir.path, 'data'), { env: { VECTRA_RECORD_OPS_PORT: '0' }, cwd: dir.path })
  expect(report.findings.map(({ check }) => check)).toEqual([
    'node',
    'config',
    'data_dir',
    'locks',
    'quarantine',
    'disk_space',
    'disk_sync',
    'feed',
    'clock',
    'ops_port',
    'browser',
    'native_duckdb',
    'native_lancedb',
    'native_onnxruntime',
    'mcp_servers',
  ])
  expect(report.findings.filter(({ verdict }) => verdict === 'fault')).toEqual([])
  expect([code, of('data_dir')?.verdict, of('clock')?.found]).toEqual([0, 'ok', expect.stringContaining('as the feed has it')])
  // Reading a WAL database makes its two side files.
  expect(
    readdirSync(join(dir.path, 'data'))
      .filter((name) => !/-(?:wal|shm)$/.test(name))
      .sort(),
  ).toEqual(before)
  for (const { verdict, fix } of report.findings) expect(fix === null).toBe(verdict === 'ok' || verdict === 'skipped')
})

it('for people: a line for each check, the fix below it, a sum at the end', async () => {
  using dir = scratch()
  writeFileSync(join(dir.path, 'data'), 'a file')
  const { code, stdout } = await vectra(['doctor', '--data-dir', join(dir.path, 'data')], { env: { VECTRA_RECORD_URL: feedUrl } })
  expect(code).toBe(1)
  expect(stdout).toMatch(/^BAD {3}data_dir +.* is a file\n {6}fix: name a directory with --data-dir$/m)
  expect(stdout).toMatch(/^ok {4}disk_sync +a sync takes /m)
  expect(stdout).toMatch(/\n\n1 fault, \d warnings?\n$/)
})

describe('the data directory', () => {
  it('parts without a catalog, a part that is gone, a catalog that is rubbish', { timeout: 60_000 }, async () => {
    using dir = scratch()
    await aStore(dir.path)
    const part = readdirSync(join(dir.path, 'events_parquet'), { recursive: true, withFileTypes: true }).find(({ name }) =>
      name.endsWith('.parquet'),
    )
    rmSync(join(part?.parentPath ?? '', part?.name ?? ''))
    expect((await examine(dir.path)).of('data_dir')).toMatchObject({
      verdict: 'fault',
      found: expect.stringContaining('gone'),
      fix: expect.stringContaining('backup'),
    })
    for (const name of ['catalog.sqlite-wal', 'catalog.sqlite-shm']) rmSync(join(dir.path, name), { force: true })
    writeFileSync(join(dir.path, 'catalog.sqlite'), 'rubbish '.repeat(1_000))
    expect((await examine(dir.path)).of('data_dir')).toMatchObject({
      verdict: 'fault',
      fix: expect.stringContaining('--rebuild-catalog'),
    })
    rmSync(join(dir.path, 'catalog.sqlite'))
    const { code, of } = await examine(dir.path)
    expect([code, of('data_dir')]).toEqual([1, expect.objectContaining({ verdict: 'fault', fix: 'vectra store recover' })])
  })

  it.runIf(process.getuid?.() === 0)('one that this user may not write', async () => {
    using dir = scratch()
    chmodSync(dir.path, 0o755)
    mkdirSync(join(dir.path, 'data'))
    const { code, of } = await examine(join(dir.path, 'data'), { uid: 65_534 })
    expect([code, of('data_dir')]).toEqual([
      1,
      expect.objectContaining({ verdict: 'fault', fix: expect.stringContaining('chown') }),
    ])
  })

  it('what a killed recorder left, a recorder that runs, and files set aside', { timeout: 60_000 }, async () => {
    using dir = scratch()
    await using simulator = await startSimulator({ seed: 'doctor', speed: 20, waitForClient: true })
    const recorder = startCli([
      'record',
      '--url',
      simulator.url,
      '--data-dir',
      dir.path,
      '--ops-port',
      '0',
      '--flush-interval',
      '10m',
      '--flush-events',
      '1000000',
    ])
    const [, port = ''] = await recorder.seen(/"url":"http:\/\/127\.0\.0\.1:(\d+)","msg":"status and metrics"/)
    await simulator.control.waitFor(({ phase }) => phase === 'active')
    const running = await examine(dir.path, { env: { VECTRA_RECORD_OPS_PORT: port } })
    expect(running.of('locks')).toMatchObject({
      verdict: 'ok',
      found: expect.stringContaining(`by process ${recorder.child.pid}`),
    })
    expect(running.of('ops_port')).toMatchObject({ verdict: 'ok', found: expect.stringContaining("a recorder's") })
    recorder.child.kill('SIGKILL')
    await recorder.done
    expect((await examine(dir.path)).of('locks')).toMatchObject({
      verdict: 'warning',
      fix: expect.stringContaining('vectra store recover'),
    })
    expect((await vectra(['store', 'recover', '--data-dir', dir.path])).code).toBe(0)
    mkdirSync(join(dir.path, 'quarantine'), { recursive: true })
    writeFileSync(join(dir.path, 'quarantine', 'torn.json'), '{}')
    const { code, of } = await examine(dir.path)
    expect([code, of('locks')?.verdict, of('quarantine')?.verdict]).toEqual([0, 'ok', 'warning'])
  })
})

describe('the machine', () => {
  it('an old Node', () => {
    expect(checkNode('v22.11.0')).toMatchObject({ verdict: 'fault', fix: expect.stringContaining('24') })
    expect(checkNode('v26.0.0').verdict).toBe('ok')
  })

  it('a disk without room, without inodes, nearly full', () => {
    const disk = (free: number, ffree = 1e6) =>
      (() => ({ bavail: free, bsize: 1, files: 1e6, ffree })) as unknown as NonNullable<Parameters<typeof checkSpace>[1]>
    expect(checkSpace('/', disk(0.5e9)).verdict).toBe('fault')
    expect(checkSpace('/', disk(5e9))).toMatchObject({ verdict: 'warning', fix: expect.stringContaining('prune') })
    expect(checkSpace('/', disk(50e9, 10))).toMatchObject({ verdict: 'fault', fix: expect.stringContaining('compact') })
    expect(checkSpace('/', disk(50e9)).verdict).toBe('ok')
  })

  it('a disk that syncs slowly, and one that cannot be written', () => {
    const at = (p50Ms: number) => () => ({ p50Ms, p99Ms: 2 * p50Ms, syncs: 50 })
    expect(checkSync('/', at(0.2)).verdict).toBe('ok')
    expect(checkSync('/', at(40))).toMatchObject({ verdict: 'warning', fix: expect.stringContaining('local disk') })
    expect(checkSync('/', at(400)).verdict).toBe('fault')
    expect(checkSync('/proc')).toMatchObject({ verdict: 'fault', fix: expect.stringContaining('writable') })
  })

  it('a clock that is years behind, was set back, or differs from the feed', async () => {
    const now = Date.UTC(2026, 5, 1)
    expect(checkClock(Date.UTC(1970, 0, 1), null, null).verdict).toBe('fault')
    expect(checkClock(now, (now + 3_600_000) * 1_000, null)).toMatchObject({
      verdict: 'fault',
      found: expect.stringContaining('60 min behind'),
    })
    expect(checkClock(now, (now + 1_000) * 1_000, 900).verdict).toBe('ok')
    using dir = scratch()
    aheadMs = 3_600_000
    expect((await examine(dir.path)).of('clock')).toMatchObject({
      verdict: 'warning',
      found: expect.stringContaining("behind the feed's server"),
      fix: expect.stringContaining('set-ntp'),
    })
    aheadMs = 0
  })

  it('native modules: not installed, broken, or taking the process down', async () => {
    const module = {
      module: '@duckdb/node-api',
      owner: '@vectra/event-store',
      without: 'no queries',
      essential: true,
      fix: 'install again',
    }
    expect(await checkNative(module)).toMatchObject({ check: 'native_duckdb', verdict: 'ok' })
    expect(await checkNative({ ...module, module: 'no-such-module' })).toMatchObject({
      verdict: 'fault',
      found: expect.stringContaining('not installed'),
    })
    expect(await checkNative({ ...module, essential: false }, async () => 'ended by SIGSEGV')).toMatchObject({
      verdict: 'warning',
      fix: 'install again',
    })
    using dir = scratch()
    const broken = join(dir.path, 'broken.node')
    writeFileSync(broken, 'no library')
    truncateSync(broken, 4)
    writeFileSync(
      join(dir.path, 'index.mjs'),
      `import { createRequire } from 'node:module'\ncreateRequire(import.meta.url)(${JSON.stringify(broken)})\n`,
    )
    expect(await loadApart(join(dir.path, 'index.mjs'), 'nobody')).toMatch(/file too short|invalid ELF|not a mach-o/i)
    writeFileSync(
      join(dir.path, 'crash.mjs'),
      "process.kill(process.pid, 'SIGSEGV')\nawait new Promise(() => setInterval(() => {}, 1000))\n",
    )
    expect(await loadApart(join(dir.path, 'crash.mjs'), 'nobody')).toBe('ended by SIGSEGV')
  })
})

describe('the surroundings', () => {
  it('a bad configuration: the one finding, and no guess about the rest', async () => {
    using dir = scratch()
    const { code, report, of } = await examine(dir.path, { env: { VECTRA_RECORD_FLUSH_INTERVAL: 'soon' } })
    expect(code).toBe(1)
    expect(of('config')).toMatchObject({
      verdict: 'fault',
      found: expect.stringContaining('VECTRA_RECORD_FLUSH_INTERVAL'),
      fix: expect.stringContaining('config check'),
    })
    expect(report.findings.map(({ check }) => check)).toEqual(['node', 'config', 'data_dir'])
  })

  it('a feed that does not answer', async () => {
    const gone = createServer()
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
    const { port } = gone.address() as AddressInfo
    await new Promise((resolve) => gone.close(resolve))
    using dir = scratch()
    expect((await examine(dir.path, { env: { VECTRA_RECORD_URL: `http://127.0.0.1:${port}` } })).of('feed')).toMatchObject({
      verdict: 'warning',
      found: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('a feed behind a password is asked with it, and nobody is told', async () => {
    using dir = scratch()
    const env = { VECTRA_RECORD_URL: feedUrl.replace('//', '//ann:pass-s3cret@') }
    const { of, report } = await examine(dir.path, { env })
    expect(of('feed')).toMatchObject({ verdict: 'ok', found: expect.stringContaining(feedUrl) })
    expect(JSON.stringify(report)).not.toContain('s3cret')
    expect(asked.at(-1)).toBe(`Basic ${Buffer.from('ann:pass-s3cret').toString('base64')}`)
    const nobody = await examine(dir.path, { env: { VECTRA_RECORD_URL: 'http://ann:pass-s3cret@127.0.0.1:1/?token=s3cret' } })
    expect(nobody.of('feed')?.verdict).toBe('warning')
    expect(JSON.stringify(nobody.report)).not.toContain('s3cret')
  })

  it('a port that another program has', async () => {
    using dir = scratch()
    const port = String((feed.address() as AddressInfo).port)
    const { code, of } = await examine(dir.path, { env: { VECTRA_RECORD_OPS_PORT: port } })
    expect([code, of('ops_port')]).toEqual([
      1,
      expect.objectContaining({ verdict: 'fault', fix: expect.stringContaining('--ops-port') }),
    ])
    expect((await examine(dir.path, { env: { VECTRA_RECORD_OPS_PORT: 'off' } })).of('ops_port')?.verdict).toBe('skipped')
  })

  it('no browser: a warning, and a fault when one is to be recorded', async () => {
    using dir = scratch()
    const env = { VECTRA_BROWSER_PATH: '/nowhere/chromium' }
    expect((await examine(dir.path, { env })).of('browser')).toMatchObject({
      verdict: 'warning',
      fix: expect.stringContaining('install'),
    })
    expect((await examine(dir.path, { env: { ...env, VECTRA_RECORD_SOURCE: 'cdp' } })).of('browser')?.verdict).toBe('fault')
  })

  it.each([
    ['{', 'fault', /no JSON/],
    ['{"servers":{}}', 'fault', /no object mcpServers/],
    [
      '{"mcpServers":{"a":{"command":"no-such-program-here"},"b":{"url":"::"},"c":{}}}',
      'warning',
      /a: no-such-program-here is not installed; b: :: is no address; c: has neither/,
    ],
    ['{"mcpServers":{"vectra":{"command":"sh"},"web":{"url":"http://127.0.0.1:8787/mcp"}}}', 'ok', /2 servers/],
  ] as const)('MCP servers: %s', async (text, verdict, found) => {
    using dir = scratch()
    writeFileSync(join(dir.path, '.mcp.json'), text)
    expect((await examine(join(dir.path, 'data'), { cwd: dir.path })).of('mcp_servers')).toMatchObject({
      verdict,
      found: expect.stringMatching(found),
    })
  })
})
