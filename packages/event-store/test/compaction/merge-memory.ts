import { readFileSync } from 'node:fs'
import { duckdbMerger } from '../../src/compaction/duckdb-merger.ts'
import { mergeBounds } from '../../src/compaction/merge-plan.ts'
import { systemEnv } from '../../src/env.ts'

/** Merges in a process of its own and prints by how many bytes it grew at most. Arguments: scratch directory, target, inputs as JSON. */
const [tempDir = '', target = '', inputs = '[]'] = process.argv.slice(2)
const kilobytes = (key: string): number =>
  Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
const merger = duckdbMerger({
  ...{ memoryLimit: '512MB', threads: 1, tempDir, fs: systemEnv().fs },
  bounds: mergeBounds('64MB'),
})
const before = kilobytes('VmRSS')
const { rows } = await merger.merge(JSON.parse(inputs), target, () => ({ 'vectra.test': 'yes' }))
process.stdout.write(JSON.stringify({ rows, grown: (kilobytes('VmHWM') - before) * 1_024 }))
await merger.close()
