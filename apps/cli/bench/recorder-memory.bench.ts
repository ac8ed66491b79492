/**
 * Memory of a recorder at about 100 events a second, with part files being merged beside it.
 *
 * `node --conditions=@vectra/source bench/recorder-memory.bench.ts [--quick] [--seconds 120]`. The recorder is the built binary when there is one; from source
 * every thread strips types by itself and needs about 80 MB more. Merging comes every 20 s instead of every 5 min, so that the peak is in it.
 */
import { parseArgs } from 'node:util'
import { watchRecorder } from './watched-recorder.ts'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, seconds: { type: 'string' } } })
const SECONDS = Number(values.seconds ?? (values.quick ? 10 : 120))
const TARGET_MB = 256

const { samples, summary, metrics, entry } = await watchRecorder({
  seconds: SECONDS,
  simulator: { seed: 'memory', speed: 16 },
  args: ['--compact-every', '20s'],
})
const rss = samples.map(({ rssMb }) => rssMb).sort((a, b) => a - b)
const out = (name: string, value: string | number): void => void process.stdout.write(`${name.padEnd(20)} ${value}\n`)
out('seconds', SECONDS)
out('entry', entry)
out('events_per_s', (summary.events / (summary.elapsed_ms / 1_000)).toFixed(0))
out('merges', metrics.get('vectra_compactions_total{outcome="done"}') ?? 0)
out('rss_median_mb', (rss[Math.floor(rss.length / 2)] ?? 0).toFixed(0))
out('rss_p95_mb', (rss[Math.floor(rss.length * 0.95)] ?? 0).toFixed(0))
out('rss_max_mb', (rss.at(-1) ?? 0).toFixed(0))
out('target_mb', TARGET_MB)
const median = rss[Math.floor(rss.length / 2)] ?? 0
if (!values.quick && entry === 'build' && median > TARGET_MB) {
  process.stderr.write(`missed: the recorder needs ${median.toFixed(0)} MB, target ${TARGET_MB}\n`)
  process.exitCode = 1
}
