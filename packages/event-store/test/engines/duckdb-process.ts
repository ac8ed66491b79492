import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RemoteSql } from '../../src/engines/remote-sql.ts'
import type { SqlResult } from '../../src/query/sandbox.ts'

type Reply = { readonly id: number } & (
  | { readonly ok: true; readonly columns: SqlResult['columns']; readonly rows: unknown[][] }
  | { readonly ok: false; readonly message: string }
)

/** A DuckDB in another process, as a remote: statements go out and rows come back as lines of JSON. */
export interface DuckDbProcess extends RemoteSql {
  /** Statements it was sent. */
  readonly asked: readonly string[]
  kill(): Promise<void>
  /** From now on it takes statements and never answers. */
  hang(): void
}

/** @param cap rows at most, whatever is asked for: the real servers have such a bound */
export function duckDbProcess({ cap = Number.POSITIVE_INFINITY }: { cap?: number } = {}): DuckDbProcess {
  const script = fileURLToPath(new URL('../fixtures/duckdb-server.ts', import.meta.url))
  const waiting = new Map<number, (reply: Reply | Error) => void>()
  const asked: string[] = []
  let child: ChildProcess | undefined
  let next = 0
  let hanging = false
  const start = (): ChildProcess => {
    const started = spawn(process.execPath, ['--conditions=@vectra/source', '--disable-warning=ExperimentalWarning', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    createInterface({ input: started.stdout }).on('line', (line) => {
      const reply = JSON.parse(line) as Reply
      waiting.get(reply.id)?.(reply)
      waiting.delete(reply.id)
    })
    started.on('exit', () => {
      for (const settle of waiting.values()) settle(new Error('the process has ended'))
      waiting.clear()
      child = undefined
    })
    return started
  }
  const ask = (sql: string): Promise<Reply> =>
    new Promise((resolve, reject) => {
      if (hanging) return
      child ??= start()
      const id = next++
      waiting.set(id, (reply) => (reply instanceof Error ? reject(reply) : resolve(reply)))
      child.stdin?.write(`${JSON.stringify({ id, sql })}\n`)
    })
  return {
    name: 'a DuckDB process',
    asked,
    async probe() {
      try {
        const reply = await ask('SELECT version()')
        return reply.ok ? { ok: true, version: `DuckDB ${String(reply.rows[0]?.[0])}` } : { ok: false, reason: reply.message }
      } catch (error) {
        return { ok: false, reason: (error as Error).message }
      }
    },
    async query(sql, { maxRows }) {
      asked.push(sql)
      const reply = await ask(sql)
      if (!reply.ok) throw new Error(`the server said: ${reply.message}`)
      const rows = reply.rows.slice(0, Math.min(cap, maxRows))
      const cut = reply.rows.length > rows.length
      return { columns: reply.columns, rows, truncated: cut, truncatedBy: cut ? 'rows' : null }
    },
    async close() {
      await this.kill()
    },
    async kill() {
      const dying = child
      if (dying === undefined) return
      const gone = new Promise((resolve) => dying.once('exit', resolve))
      dying.kill('SIGKILL')
      await gone
    },
    hang() {
      hanging = true
    },
  }
}
