import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import { duckdbEncoder } from '../../src/encoders/duckdb.ts'
import { parquetjsEncoder } from '../../src/encoders/parquetjs.ts'
import { systemEnv } from '../../src/env.ts'
import type { PartEncoder } from '../../src/part-encoder.ts'
import { planParts } from '../../src/part-plan.ts'
import { scanSegment } from '../../src/segment.ts'
import { hyparquetWriterEncoder } from './hyparquet-writer.ts'
import { parquetWasmEncoder } from './parquet-wasm.ts'

const ENCODERS: Readonly<Record<string, () => PartEncoder>> = {
  duckdb: () => duckdbEncoder(),
  parquetjs: () => parquetjsEncoder(systemEnv().fs),
  'hyparquet-writer': () => hyparquetWriterEncoder(),
  'parquet-wasm': () => parquetWasmEncoder(),
}

/** What one process reports on stdout. Times are milliseconds, one for each round. */
export interface EncodeRun {
  readonly encodeMs: readonly number[]
  readonly cpuMs: readonly number[]
  /** Sync, rename and directory sync of all parts. */
  readonly publishMs: readonly number[]
  /** The same bytes in one file: write, sync, rename, directory sync. */
  readonly floorMs: readonly number[]
  /** Highest resident memory of this process, MiB; before the first encode, and in all. */
  readonly baseMib: number
  readonly peakMib: number
  readonly parts: readonly { readonly docType: string; readonly file: string; readonly bytes: number }[]
}

/** VmHWM: what `resourceUsage()` says starts at the parent's peak. */
function peakMib(): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))
  return Number(line?.[1] ?? Number.NaN) / 1024
}

function syncPath(file: string): void {
  const fd = openSync(file, 'r')
  fsyncSync(fd)
  closeSync(fd)
}

/** Makes a written file durable under its name. */
function publish(target: string, final: string): void {
  syncPath(target)
  renameSync(target, final)
}

async function run(name: string, dir: string, source: string, rounds: number): Promise<EncodeRun> {
  const encoder = ENCODERS[name]?.()
  if (encoder === undefined) throw new Error(`no encoder is called ${name}`)
  const bytes = readFileSync(source)
  const scan = scanSegment(bytes)
  if (scan.header === undefined) throw new Error('no header')
  const parts = planParts(scan, scan.header, encoder.name, path.join(dir, name))
  const finals = parts.map((part) => path.join(dir, name, ...part.path.split('/')))
  const folders = [...new Set(finals.map((file) => path.dirname(file)))]
  for (const folder of folders) mkdirSync(folder, { recursive: true })
  const baseMib = peakMib()
  const times = { encodeMs: [] as number[], cpuMs: [] as number[], publishMs: [] as number[], floorMs: [] as number[] }
  for (let round = 0; round <= rounds; round++) {
    const cpu = process.cpuUsage()
    const started = performance.now()
    await encoder.encode({ path: source, bytes }, parts)
    const encoded = performance.now()
    const { user, system } = process.cpuUsage(cpu)
    for (const [index, part] of parts.entries()) publish(part.target, finals[index] ?? '')
    for (const folder of folders) syncPath(folder)
    const published = performance.now()
    const total = Buffer.concat(finals.map((file) => readFileSync(file)))
    const floor = performance.now()
    const fd = openSync(path.join(dir, 'floor.tmp'), 'w')
    writeSync(fd, total)
    fsyncSync(fd)
    closeSync(fd)
    renameSync(path.join(dir, 'floor.tmp'), path.join(dir, 'floor'))
    syncPath(dir)
    const done = performance.now()
    // The first round warms up.
    if (round === 0) continue
    times.encodeMs.push(encoded - started)
    times.cpuMs.push((user + system) / 1_000)
    times.publishMs.push(published - encoded)
    times.floorMs.push(done - floor)
  }
  await encoder.close()
  const sizes = parts.map((part, index) => {
    const file = finals[index] ?? ''
    return { docType: part.docType, file, bytes: statSync(file).size }
  })
  return { ...times, baseMib, peakMib: peakMib(), parts: sizes }
}

if (import.meta.main) {
  const [name = '', dir = '', source = '', rounds = '1'] = process.argv.slice(2)
  process.stdout.write(JSON.stringify(await run(name, dir, source, Number(rounds))))
}
