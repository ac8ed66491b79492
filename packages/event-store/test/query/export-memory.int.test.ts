import { execFile } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'

const ROWS = 160_000
const TEXT = 2_000
const engine = fileURLToPath(new URL('../../src/query/engine.ts', import.meta.url))
/**
 * What the process may take at its peak, MiB. Measured: 314 for an answer of 40 MB, 401 for 160 MB, 422 for 640 MB; a text of this answer in
 * memory would be another 640.
 */
const PEAK_MIB = 620

let dir: string

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-export-memory-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

async function lines(file: string): Promise<number> {
  let count = 0
  for await (const piece of createReadStream(file)) for (const byte of piece as Buffer) if (byte === 10) count++
  return count
}

it.each(['csv', 'ndjson', 'parquet'])('an answer of 320 MB goes into a %s file through little memory', async (format) => {
  const file = path.join(dir, 'big')
  // No two texts are alike, so that nothing is saved by storing one once.
  const script = `
    const { openQuery } = await import(${JSON.stringify(engine)})
    const query = await openQuery({ dir: ${JSON.stringify(path.join(dir, 'data'))}, memoryLimit: '128MB', threads: 2, timeoutMs: 300000 })
    const sql = \`SELECT i, repeat(md5(i::VARCHAR), ${Math.ceil(TEXT / 32)}) AS text, (i / 7)::DECIMAL(38,20) AS price FROM range(${ROWS}) t(i)\`
    const { rows } = await query.toFile(sql, ${JSON.stringify(file)}, { format: ${JSON.stringify(format)} })
    await query.close()
    const { readFileSync } = await import('node:fs')
    const peak = Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
    console.log(JSON.stringify({ rows, peak }))`
  const node = [
    '--max-old-space-size=96',
    '--conditions=@vectra/source',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module-typescript',
  ]
  const { stdout } = await promisify(execFile)(process.execPath, [...node, '--eval', script], { cwd: path.dirname(engine) })
  const { rows, peak } = JSON.parse(stdout) as { rows: number; peak: number }
  expect(rows).toBe(ROWS)
  expect(peak).toBeLessThan(PEAK_MIB)
  if (format === 'parquet') return
  expect(statSync(file).size).toBeGreaterThan(ROWS * TEXT)
  expect(await lines(file)).toBe(format === 'csv' ? ROWS + 1 : ROWS)
})
