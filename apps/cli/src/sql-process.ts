import { encodeCell, openQuery } from '@vectra/event-store'
import { serveSqlProcess } from '@vectra/mcp'

// The process that `vectra mcp serve --allow-sql` gives statements to: read-only, sandboxed, and nothing else in it.
const { dir, memoryLimit, threads } = JSON.parse(process.argv[2] ?? '{}') as { dir: string; memoryLimit: number; threads: number }

await serveSqlProcess(
  async () => {
    const engine = await openQuery({ dir, memoryLimit, threads, concurrency: 1 })
    return {
      async sql(text, { maxRows, timeoutMs, signal }) {
        const { columns, rows, truncated, completeness } = await engine.sql(text, {
          maxRows,
          timeoutMs,
          signal,
          maxChars: 4 * 2 ** 20,
        })
        const cells = rows.map((row) => row.map((cell, index) => encodeCell(cell, columns[index]?.type ?? '')))
        return {
          columns: columns.map(({ name, type }) => ({ name, type })),
          rows: cells,
          truncated,
          missing: completeness.reasons.map(({ text: words }) => words),
        }
      },
      close: () => engine.close(),
    }
  },
  { memoryBytes: memoryLimit + 2 ** 30 },
)
