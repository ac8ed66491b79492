import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it, onTestFinished } from 'vitest'
import { openSqlProcess, type SqlProcess, type SqlProcessOptions } from '../../src/index.ts'
import { lives } from '../fake.ts'

const BOUNDS = { maxRows: 5, timeoutMs: 20_000 }
const scope = (signal = new AbortController().signal) => ({ signal, progress: () => undefined })

let open: SqlProcess | undefined
afterEach(() => open?.close())

function sqlProcess(options: Partial<SqlProcessOptions> = {}): SqlProcess {
  process.env['SECRET'] = 'of the server'
  open = openSqlProcess({
    module: new URL('./sql-child.ts', import.meta.url),
    execArgv: ['--conditions=@vectra/source', '--disable-warning=ExperimentalWarning'],
    graceMs: 300,
    ...options,
  })
  return open
}

it('starts with the first statement, and gives the process nothing of the environment', async () => {
  const sql = sqlProcess()
  expect([sql.pid, sql.starts]).toEqual([undefined, 0])
  expect((await sql.sql('SELECT 1', BOUNDS, scope())).rows).toEqual([['SELECT 1', 5, 20_000, null]])
  expect((await sql.sql('SELECT 2', BOUNDS, scope())).rows[0]?.[0]).toBe('SELECT 2')
  expect(sql.starts).toBe(1)
})

it.each([
  ['die', 20_000],
  ['eat', 20_000],
  ['spin', 300],
])('%s: the statement fails, the next one finds a new process', async (text, timeoutMs) => {
  const sql = sqlProcess()
  await sql.sql('SELECT 1', BOUNDS, scope())
  const before = sql.pid ?? 0
  await expect(sql.sql(text, { maxRows: 5, timeoutMs }, scope())).rejects.toMatchObject({ code: 'MCP_SQL_PROCESS' })
  expect((await sql.sql('SELECT 2', BOUNDS, scope())).rows[0]?.[0]).toBe('SELECT 2')
  expect([sql.starts, lives(before)]).toEqual([2, false])
})

it('errors keep their code and what helps', async () => {
  const error = await sqlProcess()
    .sql('refuse', BOUNDS, scope())
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'QUERY_FORBIDDEN', message: 'not here', context: { hint: 'try another' } })
  expect(error).not.toHaveProperty('context.secret')
})

it('a cancelled statement is stopped in its process, which lives on', async () => {
  const sql = sqlProcess({ graceMs: 20_000 })
  await sql.sql('SELECT 1', BOUNDS, scope())
  const controller = new AbortController()
  const running = sql.sql('wait', BOUNDS, scope(controller.signal))
  setImmediate(() => controller.abort())
  await expect(running).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
  await sql.sql('SELECT 2', BOUNDS, scope())
  expect(sql.starts).toBe(1)
})

it('one at a time; more than a few that wait are refused', async () => {
  const sql = sqlProcess({ queue: 3 })
  const asked = [1, 2, 3].map((n) => sql.sql(`SELECT ${n}`, BOUNDS, scope()))
  await expect(sql.sql('SELECT 4', BOUNDS, scope())).rejects.toThrow(/3 statements wait/)
  expect((await Promise.all(asked)).map(({ rows }) => rows[0]?.[0])).toEqual(['SELECT 1', 'SELECT 2', 'SELECT 3'])
})

it('a process that cannot start says so, and closing leaves none', async () => {
  await expect(sqlProcess({ args: ['fails'] }).sql('SELECT 1', BOUNDS, scope())).rejects.toMatchObject({
    code: 'MCP_SQL_PROCESS',
  })
  const sql = sqlProcess()
  await sql.sql('SELECT 1', BOUNDS, scope())
  const { pid = 0 } = sql
  await sql.close()
  expect(lives(pid)).toBe(false)
  await expect(sql.sql('SELECT 1', BOUNDS, scope())).rejects.toThrow(/closed/)
})

it('the server is killed while a statement works in a thread: its process goes at once, too', async () => {
  const parent = spawn(
    process.execPath,
    ['--conditions=@vectra/source', fileURLToPath(new URL('./sql-parent.ts', import.meta.url))],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const [said] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(said.toString())
  onTestFinished(() => {
    if (lives(pid)) process.kill(pid, 'SIGKILL')
  })
  expect(lives(pid)).toBe(true)
  parent.kill('SIGKILL')
  while (lives(pid)) await new Promise((resolve) => setImmediate(resolve))
})
