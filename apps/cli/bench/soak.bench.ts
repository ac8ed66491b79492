/**
 * Two hours of a simulated feed at ×60 through every kind of fault: does the recorder's memory grow, do descriptors leak, does the sheet close?
 *
 * `pnpm soak` (`node --conditions=@vectra/source bench/soak.bench.ts [--quick] [--minutes 120]`); minutes are simulated. The recorder is the built binary when
 * there is one, in a process of its own, with merging every 20 s instead of every 5 min, since time runs faster. Slopes are taken over the lowest
 * values of every 15 s after the first third: what stays after garbage collections and merges. On a busy machine a merge lasts longer than that, and
 * the slope of RSS then says nothing: it is a target only when the machine is not overloaded. The slope of the heap is one always.
 */
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { openQuery, verifyStore } from '@vectra/event-store'
import { EVERY_FAULT } from './every-fault.ts'
import { floors, quantileMs, slopeOf, watchRecorder } from './watched-recorder.ts'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, minutes: { type: 'string' } } })
const MINUTES = Number(values.minutes ?? (values.quick ? 10 : 120))
const SPEED = 60
/** MB per simulated hour. */
const HEAP_TARGET = 4
const RSS_TARGET = 24
/** Descriptors that the lowest count of a stretch may rise by in a simulated hour: a merge opens its inputs while it works, a leak lifts the floor. */
const FDS_TARGET = 2

const alone = (loadavg()[0] ?? 0) <= availableParallelism()

const seconds = (MINUTES * 60) / SPEED
const out = (name: string, value: string | number): void => void process.stdout.write(`${name.padEnd(24)} ${value}\n`)
const stored = { rows: 0, ok: false, findings: 0 }
const run = await watchRecorder({
  seconds,
  simulator: {
    seed: 'soak',
    speed: SPEED,
    chaos: EVERY_FAULT,
  },
  args: ['--stale-after', '1s', '--compact-every', '20s'],
  async inspect(dir) {
    await using query = await openQuery({ dir })
    stored.rows = Number((await query.sql('SELECT count(*) FROM ws_event')).rows[0]?.[0])
    const report = await verifyStore({ dir })
    stored.ok = report.ok
    stored.findings = report.findings.length
  },
})
const { summary, samples, metrics } = run
const settled = samples.filter(({ at }) => at > seconds / 3)
const perHour = (points: readonly (readonly [number, number])[]): number =>
  slopeOf(
    floors(
      points.filter(([at]) => at > seconds / 3),
      15,
    ).map(([at, mb]) => [(at * SPEED) / 3_600, mb]),
  )
const slope = perHour(samples.map(({ at, rssMb }) => [at, rssMb]))
const heapSlope = perHour(run.heap)
const heap = run.heap.map(([, mb]) => mb).sort((a, b) => a - b)
const rss = samples.map(({ rssMb }) => rssMb).sort((a, b) => a - b)
const fds = settled.map((sample) => sample.fds)
const fdsSlope = perHour(samples.map((sample) => [sample.at, sample.fds]))
out('simulated_minutes', MINUTES)
out('entry', run.entry)
out('games', summary.games)
out('events', summary.events)
out('events_per_s', (summary.events / (summary.elapsed_ms / 1_000)).toFixed(0))
out('faults_injected', run.faults)
out('gap_rows', summary.gaps)
out('est_missing', summary.est_missing)
out('part_files_written', summary.files)
out('merges', metrics.get('vectra_compactions_total{outcome="done"}') ?? 0)
out('ack_p50_ms', `<= ${quantileMs(metrics, 'vectra_ack_seconds', 0.5)}`)
out('ack_p99_ms', `<= ${quantileMs(metrics, 'vectra_ack_seconds', 0.99)}`)
out('rss_median_mb', (rss[Math.floor(rss.length / 2)] ?? 0).toFixed(0))
out('rss_max_mb', (rss.at(-1) ?? 0).toFixed(0))
out('rss_slope_mb_per_h', slope.toFixed(2))
out('heap_median_mb', (heap[Math.floor(heap.length / 2)] ?? 0).toFixed(1))
out('heap_slope_mb_per_h', heapSlope.toFixed(2))
out('fds_min_max', `${Math.min(...fds)} ${Math.max(...fds)}`)
out('fds_floor_slope_per_h', fdsSlope.toFixed(2))
out('sheet_closes', String(summary.sessions.every(({ closes }) => closes) && summary.events === summary.stored))
out('rows_equal_sheet', String(stored.rows === summary.stored))
out('verify_ok', String(stored.ok))

const missed = [
  ...(summary.sessions.every(({ closes }) => closes) && summary.events === summary.stored ? [] : ['the sheet does not close']),
  ...(stored.rows === summary.stored ? [] : [`${stored.rows} rows stored, ${summary.stored} on the sheet`]),
  ...(stored.ok ? [] : [`verify has ${stored.findings} findings`]),
  // A short run sees little but a heap that finds its size.
  ...(values.quick || heapSlope <= HEAP_TARGET
    ? []
    : [`the heap grows by ${heapSlope.toFixed(2)} MB a simulated hour, target ${HEAP_TARGET}`]),
  ...(values.quick || !alone || slope <= RSS_TARGET
    ? []
    : [`RSS grows by ${slope.toFixed(2)} MB a simulated hour, target ${RSS_TARGET}`]),
  ...(values.quick || fdsSlope <= FDS_TARGET
    ? []
    : [`file descriptors grow by ${fdsSlope.toFixed(2)} a simulated hour, target ${FDS_TARGET}`]),
]
for (const text of missed) process.stderr.write(`missed: ${text}\n`)
process.exitCode = missed.length === 0 ? 0 : 1
