import { openSqlProcess } from '../../src/index.ts'

// A server that leaves a thread of its SQL process at work, and says which process that is.
const sql = openSqlProcess({ module: new URL('./sql-child.ts', import.meta.url), execArgv: process.execArgv })
await sql.sql('work', { maxRows: 1, timeoutMs: 60_000 }, { signal: new AbortController().signal, progress: () => undefined })
process.stdout.write(`${sql.pid}\n`)
setInterval(() => undefined, 1_000)
