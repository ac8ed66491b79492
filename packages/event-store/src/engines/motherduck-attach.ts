import { type Env, systemEnv } from '../env.ts'
import { Database, run } from '../query/duckdb.ts'
import { parseSize } from '../query/limits.ts'
import { literal } from '../query/sql-text.ts'
import { redacted } from './remote-engine.ts'
import type { RemoteSql } from './remote-sql.ts'

/** How MotherDuck is attached. */
export interface MotherDuckOptions {
  /** Absent or empty: the probe says so. Never shown in a message. */
  readonly token: string | undefined
  /** Database to attach, default all of the account (`md:`). */
  readonly database?: string
  /** File of the `motherduck` extension; default where DuckDB installs it. Nothing is ever downloaded. */
  readonly extension?: string
  readonly tempDir: string
  readonly env?: Env
}

/**
 * MotherDuck, attached in a DuckDB of its own in this process (not the sandbox, whose configuration is locked).
 *
 * It needs the extension on the disk and a token; without either the probe says which. DuckDB's hybrid execution reads the part files here.
 */
export function motherDuckAttach({ token, database = '', extension, tempDir, env = systemEnv() }: MotherDuckOptions): RemoteSql {
  let opened: Promise<Database> | undefined
  const attach = async (): Promise<Database> => {
    const own = await Database.open({
      env,
      memoryBytes: parseSize('1GB'),
      threads: 2,
      tempDir,
      maxTempBytes: parseSize('4GB'),
      concurrency: 2,
      sandboxDir: null,
    })
    try {
      await own.use({ timeoutMs: 30_000 }, async (connection) => {
        await connection.run(`LOAD ${extension === undefined ? 'motherduck' : literal(extension)}`)
        await connection.run(`SET motherduck_token = ${literal(token ?? '')}`)
        await connection.run(`ATTACH ${literal(`md:${database}`)}`)
      })
      return own
    } catch (error) {
      await own.close()
      throw error
    }
  }
  return {
    name: 'MotherDuck (md:)',
    async probe() {
      if (token === undefined || token === '') return { ok: false, reason: 'no MotherDuck token: set MOTHERDUCK_TOKEN' }
      try {
        opened ??= attach()
        const rows = await (await opened).use({ timeoutMs: 10_000 }, (connection) => run(connection, 'SELECT version()'))
        for await (const [row] of rows.chunks()) return { ok: true, version: `DuckDB ${String(row?.[0])} with MotherDuck` }
        return { ok: false, reason: 'it gave no version' }
      } catch (error) {
        opened = undefined
        const message = redacted(error instanceof Error ? error.message : String(error), token)
        const absent = /not found|Failed to (?:load|open)|No such file|not installed/i.test(message)
        const what = absent ? "DuckDB's motherduck extension is not on this machine" : 'MotherDuck cannot be attached'
        return { ok: false, reason: `${what} (${message.split('\n')[0] ?? ''})` }
      }
    },
    async query(sql, { maxRows, timeoutMs, signal }) {
      opened ??= attach()
      const rows = await (await opened).use({ timeoutMs, signal }, (connection) => run(connection, sql))
      const found: unknown[][] = []
      for await (const chunk of rows.chunks()) found.push(...chunk)
      const cut = found.length > maxRows
      return { columns: rows.columns, rows: found.slice(0, maxRows), truncated: cut, truncatedBy: cut ? 'rows' : null }
    },
    async close() {
      const own = opened
      opened = undefined
      await own?.then((database) => database.close()).catch(() => undefined)
    },
  }
}
