import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { CHROMA_MCP, CHROMA_PYTHON, CHROMA_SERVER, HAVE_PEERS } from './mcp-peers.ts'
import { fillStore, REPOSITORY } from './mcp-server.ts'
import { type CliResult, scratch, startCli, vectra } from './run-cli.ts'

interface Report {
  readonly counted: number
  readonly read: number
  readonly routed: Readonly<Record<string, number>>
  readonly added: number
  readonly stored: number
  readonly proven: boolean
}

const reportOf = ({ stdout, stderr }: CliResult): Report => {
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout.split('\n')[0] ?? '') as Report
}

/** 1,200 documents of every kind, as the older project's collections hold them: 850 notes, 150 + 50 of CONTEXT.md files, 100 + 50 events. */
function documents(session: string): object[] {
  const many = (count: number, make: (index: number) => object): object[] =>
    Array.from({ length: count }, (_, index) => make(index))
  const id = (index: number, kind: string): string => `${kind}${String(index).padStart(5, '0')}`
  return [
    ...many(850, (index) => ({
      id: id(index, 'n'),
      text: `Note ${index}\nWhy Decimal for prices: floats lose digits, "quotes", ünïcode and ${index}.`,
      metadata: { source: `docs/file${index % 20}.md`, line_start: index, line_end: index + 5, headers: 'a|b' },
    })),
    ...many(150, (index) => ({
      id: id(index, 'c'),
      text: `Context ${index}`,
      metadata: { source: '/home/other/vectra/src/money/CONTEXT.md', line_start: index },
    })),
    ...many(50, (index) => ({
      id: id(index, 'd'),
      text: `Context ${index}`,
      metadata: { source: 'src/gone/CONTEXT.md', line_start: index },
    })),
    ...many(100, (index) => ({
      id: `${session}_${index + 1}_1`,
      text: `Event ${index}`,
      metadata: { doc_type: 'ws_event', session_id: session, game_id: 'g' },
    })),
    ...many(50, (index) => ({
      id: `${session}_${900_000 + index}_1`,
      text: `Event ${index}`,
      metadata: { doc_type: 'ws_event', session_id: session },
    })),
  ]
}
const ROUTED = { events: 100, code_context: 150, debug_notes: 850, quarantine: 100 }

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

describe.skipIf(!HAVE_PEERS)('out of a real Chroma', () => {
  it('1,200 documents through chroma-mcp: killed midway, resumed, proven, and searchable after a rebuild', {
    timeout: 240_000,
  }, async () => {
    using dir = scratch()
    const repo = join(dir.path, 'vectra')
    mkdirSync(join(repo, '.git'), { recursive: true })
    mkdirSync(join(repo, 'src/money'), { recursive: true })
    writeFileSync(
      join(repo, 'src/money/CONTEXT.md'),
      '# money Context\n\n## Key Decisions\n- **Why Decimal:** floats lose digits.\n',
    )
    const data = await fillStore(dir.path)
    const rows = await vectra(['query', 'SELECT DISTINCT session_id FROM events', '--format', 'json', '--data-dir', data])
    const [{ session_id: session }] = JSON.parse(rows.stdout) as [{ session_id: string }]
    const file = join(dir.path, 'documents.json')
    writeFileSync(file, JSON.stringify({ claude_flow_knowledge: documents(session) }))
    const chroma = join(dir.path, 'chroma')
    await promisify(execFile)(CHROMA_PYTHON, [join(import.meta.dirname, 'fill-chroma.py'), chroma, file])

    const migrate = ['migrate', 'chroma', '--from', chroma, '--repo', repo, '--data-dir', data, '--model', 'none', '--json']
    const dry = reportOf(await vectra([...migrate, '--command', CHROMA_MCP, '--dry-run']))
    expect(dry).toMatchObject({ counted: 1_200, read: 1_200, routed: ROUTED, added: 950, stored: 0, proven: true })

    // Chroma's own process is killed when it is asked for the fourth page.
    const dying = join(dir.path, 'dying-chroma-mcp')
    writeFileSync(
      dying,
      `#!${process.execPath}
const { spawn } = require('node:child_process')
const chroma = spawn(${JSON.stringify(CHROMA_MCP)}, process.argv.slice(2), { stdio: ['pipe', 'inherit', 'inherit'] })
chroma.once('exit', () => process.exit(1))
let pages = 0
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  if (line.includes('chroma_get_documents') && ++pages === 4) chroma.kill('SIGKILL')
  else chroma.stdin.write(line + '\\n')
}).on('close', () => chroma.stdin.end())
`,
    )
    chmodSync(dying, 0o755)
    const killed = await vectra([...migrate, '--command', dying, '--no-index'])
    expect([killed.code, killed.stdout]).toEqual([69, ''])
    expect(JSON.parse(killed.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({ error: { exit: 69 } })

    const resumed = reportOf(await vectra([...migrate, '--command', CHROMA_MCP]))
    expect(resumed).toMatchObject({ counted: 1_200, read: 1_200, routed: ROUTED, stored: 950, proven: true })
    // Three pages of notes were durable when it died.
    expect(resumed.added).toBe(650)
    expect(reportOf(await vectra([...migrate, '--command', CHROMA_MCP, '--no-index']))).toMatchObject({
      added: 0,
      stored: 950,
      proven: true,
    })

    const count = await vectra([
      'query',
      "SELECT event_name, count(*) AS n, count(DISTINCT json_extract_string(raw_json, '$.provenance')) AS different FROM events WHERE origin = 'chroma:claude_flow_knowledge' GROUP BY 1 ORDER BY 1",
      ...['--format', 'json', '--data-dir', data],
    ])
    expect(JSON.parse(count.stdout)).toEqual([
      { event_name: 'debug_note', n: 850, different: 850 },
      { event_name: 'migration_quarantine', n: 100, different: 100 },
    ])
    const notes = [
      'search',
      'floats lose digits 849',
      '--table',
      'notes',
      '--model',
      'none',
      '--json',
      '-k',
      '3',
      '--data-dir',
      data,
    ]
    const before = JSON.parse((await vectra(notes)).stdout) as { hits: { id: string }[]; freshness: { rows: number }[] }
    expect(before.freshness[0]?.rows).toBe(850)
    expect(before.hits.length).toBe(3)
    await vectra(['index', 'rebuild', '--table', 'notes', '--model', 'none', '--data-dir', data])
    const after = JSON.parse((await vectra(notes)).stdout) as typeof before
    expect(after.hits.map(({ id }) => id)).toEqual(before.hits.map(({ id }) => id))
    expect((await vectra(['store', 'verify', '--data-dir', data])).code).toBe(0)
  })

  it('from a Chroma server without chroma-mcp; two at once keep apart', { timeout: 240_000 }, async () => {
    using dir = scratch()
    const file = join(dir.path, 'documents.json')
    const all = Array.from({ length: 250 }, (_, index) => ({
      id: `n${index}`,
      text: `Note ${index}`,
      metadata: { source: 'a.md' },
    }))
    writeFileSync(file, JSON.stringify({ one: all, two: all.slice(0, 3) }))
    const chroma = join(dir.path, 'chroma')
    await promisify(execFile)(CHROMA_PYTHON, [join(import.meta.dirname, 'fill-chroma.py'), chroma, file])
    const port = await freePort()
    // Its words go nowhere: it dies of a pipe that nobody reads to the end.
    const server = spawn(CHROMA_SERVER, ['run', '--path', chroma, '--host', '127.0.0.1', '--port', String(port)], {
      stdio: 'ignore',
      detached: true,
    })
    try {
      const beats = async (): Promise<void> => expect((await fetch(`http://127.0.0.1:${port}/api/v2/heartbeat`)).ok).toBe(true)
      await vi.waitFor(beats, { timeout: 60_000, interval: 200 })
      const migrate = [
        'migrate',
        'chroma',
        '--url',
        `http://127.0.0.1:${port}`,
        '--data-dir',
        join(dir.path, 'data'),
        '--no-index',
        '--json',
      ]
      const first = await vectra(migrate)
      expect(
        first.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toMatchObject([
        { collection: 'one', counted: 250, added: 250, proven: true },
        { collection: 'two', counted: 3, added: 3, proven: true },
      ])
      const both = await Promise.all([startCli(migrate).done, startCli(migrate).done])
      for (const { code } of both) expect([0, 75]).toContain(code)
      const rows = await vectra([
        'query',
        'SELECT count(*) AS n FROM debug_note',
        '--format',
        'json',
        '--data-dir',
        join(dir.path, 'data'),
      ])
      expect(JSON.parse(rows.stdout)).toEqual([{ n: 253 }])
      expect((await vectra([...migrate, '--collection', 'three'])).code).toBe(2)

      // The vectors are ours: made anew, by the model that the searches are asked with.
      const fresh = ['--data-dir', join(dir.path, 'fresh'), '--json']
      const moved = await vectra(['migrate', 'chroma', '--url', `http://127.0.0.1:${port}`, '--collection', 'two', ...fresh])
      expect(reportOf(moved)).toMatchObject({ added: 3, proven: true })
      const found = await vectra(['search', 'a remark', '--table', 'notes', '--mode', 'dense', ...fresh])
      expect(JSON.parse(found.stdout)).toMatchObject({ mode: 'dense', hits: [{}, {}, {}] })
    } finally {
      if (server.pid !== undefined) process.kill(-server.pid, 'SIGKILL')
    }
  })
})

it('stopped in the middle: it says how to go on, leaves no server, and the next run adds the rest', async () => {
  using dir = scratch()
  const from = join(dir.path, 'chroma')
  mkdirSync(from)
  writeFileSync(join(from, 'chroma.sqlite3'), '')
  const documents = Array.from({ length: 25 }, (_, index) => ({ id: `n${index}`, text: `Note ${index}`, metadata: null }))
  const [file, mark] = [join(dir.path, 'documents.json'), join(dir.path, 'stalled')]
  writeFileSync(file, JSON.stringify({ notes: documents }))
  const fake = join(REPOSITORY, 'packages/mcp/fakes/chroma.ts')
  const program = (name: string, ...more: readonly string[]): string => {
    const path = join(dir.path, name)
    writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${fake}' '${file}' ${more.join(' ')}\n`, { mode: 0o755 })
    return path
  }
  const migrate = ['migrate', 'chroma', '--from', from, '--page-size', '10', '--no-index', '--json']
  const where = ['--data-dir', join(dir.path, 'data')]
  const stalling = startCli([...migrate, '--command', program('stalling', 'stalls-after-2', `'${mark}'`), ...where])
  await vi.waitFor(() => expect(existsSync(mark)).toBe(true), { timeout: 60_000, interval: 100 })
  stalling.child.kill('SIGINT')
  const stopped = await stalling.done
  expect([stopped.code, stopped.stdout, stopped.stderr]).toEqual([130, '', expect.stringMatching(/run the same command again/)])
  expect(() => process.kill(Number(readFileSync(mark, 'utf8')), 0)).toThrow(/ESRCH/)
  expect(reportOf(await vectra([...migrate, '--command', program('whole'), ...where]))).toMatchObject({
    counted: 25,
    added: 5,
    stored: 25,
    proven: true,
  })
})

it.each([
  [['--from', '/nowhere'], 1, /no Chroma database/],
  [[], 2, /where is the Chroma database/],
  [['--url', 'http://127.0.0.1:9'], 69, /no Chroma server answers/],
  [['--from', '.', '--url', 'http://127.0.0.1:9'], 2, /where is/],
  [['--url', 'nonsense'], 2, /no address of a Chroma server[\s\S]*http:\/\/127/],
  [['--url', 'http://127.0.0.1:9', '--repo', 'nowhere'], 2, /--repo names no directory/],
])('%j exits %d', async (args, code, message) => {
  using dir = scratch()
  const result = await vectra(['migrate', 'chroma', ...args, '--data-dir', join(dir.path, 'data')], { cwd: dir.path })
  expect([result.code, result.stdout]).toEqual([code, ''])
  expect(result.stderr).toMatch(message)
})
