import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { importFile, type RawFrame, replayRecords } from '@vectra/ingest'

/** Short form: it proves that the benchmark runs. */
export const QUICK = process.argv.includes('--quick')

const FOLDER = process.env['VECTRA_CAPTURES'] ?? resolve(import.meta.dirname, '../../../../shared/captures')
const FILES = ['public-2025-12-12.jsonl', 'raw-frames.jsonl']

/** The frames of the captures; leaves the process, loudly, when there are none. */
export async function realFrames(): Promise<readonly RawFrame[]> {
  if (!existsSync(FOLDER)) {
    console.error(`SKIPPED: no captures at ${FOLDER} (set VECTRA_CAPTURES); this bench needs real frames`)
    console.log('skipped: no captures')
    process.exit(0)
  }
  const frames: RawFrame[] = []
  for (const name of FILES) {
    const source = await importFile({ name, content: readFileSync(join(FOLDER, name)) })
    // Flat strings, as they come from a socket; slices of the file's text would pay for being flattened.
    for await (const { text, ...rest } of replayRecords(source)()) {
      frames.push({ ...rest, text: Buffer.from(String(text)).toString('utf8'), connection: 'bench' })
    }
  }
  return frames
}

/** A directory of its own; `VECTRA_BENCH_DIR` says on which disk. */
export function benchDirectory(): string {
  return mkdtempSync(join(process.env['VECTRA_BENCH_DIR'] ?? tmpdir(), 'vectra-bench-'))
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Prints rows as a Markdown table. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  console.log([line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n'))
  console.log()
}
