import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type SimulatorOptions, startSimulator } from '@vectra/simulator'

/** One look at the recorder's process. */
export interface Sample {
  /** Seconds since it was connected. */
  readonly at: number
  readonly rssMb: number
  readonly fds: number
}

/** A recording that was watched from outside. */
export interface WatchedRun {
  /** `build` or `source`: what ran. From source every thread strips types by itself, which costs memory. */
  readonly entry: 'build' | 'source'
  readonly samples: readonly Sample[]
  /** What JavaScript holds, every two seconds: RSS moves with merges and with what the allocator keeps, this only with what is in use. */
  readonly heap: readonly (readonly [at: number, mb: number])[]
  /** The line a recording leaves on stdout. */
  readonly summary: {
    readonly events: number
    readonly stored: number
    readonly gaps: number
    readonly est_missing: number
    readonly games: number
    readonly files: number
    readonly elapsed_ms: number
    readonly sessions: readonly { readonly session: string; readonly closes: boolean }[]
  }
  /** Values of `/metrics` shortly before the end, by name with labels. */
  readonly metrics: ReadonlyMap<string, number>
  readonly faults: number
}

const BUILT = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const SOURCE = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/**
 * Records a simulated feed with the real binary for a while, in a directory that goes away, and looks at its process every half
 * second. Needs `/proc`.
 *
 * @throws Error when the recorder does not end in order
 */
export async function watchRecorder(options: {
  readonly simulator: SimulatorOptions
  readonly seconds: number
  /** More options for `vectra record`. */
  readonly args?: readonly string[]
  readonly inspect?: (dir: string) => Promise<void>
}): Promise<WatchedRun> {
  const dir = mkdtempSync(join(tmpdir(), 'vectra-watched-'))
  const entry = existsSync(BUILT) ? 'build' : 'source'
  try {
    await using simulator = await startSimulator({ ...options.simulator, waitForClient: true })
    const start = entry === 'build' ? [BUILT] : ['--conditions=@vectra/source', '--disable-warning=ExperimentalWarning', SOURCE]
    const child = spawn(
      process.execPath,
      [
        ...start,
        'record',
        '--url',
        simulator.url,
        '--data-dir',
        dir,
        '--ops-port',
        '0',
        '--log-level',
        'info',
        ...(options.args ?? []),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: dir },
    )
    try {
      return await watch(child, options.seconds, entry, () => simulator.control.faults().length, options.inspect, dir)
    } finally {
      child.kill('SIGKILL')
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function watch(
  child: ChildProcess,
  seconds: number,
  entry: WatchedRun['entry'],
  faults: () => number,
  inspect: ((dir: string) => Promise<void>) | undefined,
  dir: string,
): Promise<WatchedRun> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  const connected = Promise.withResolvers<string>()
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-100_000)
    const ops = /"url":"(http:\/\/127\.0\.0\.1:\d+)","msg":"status and metrics"/.exec(stderr)?.[1]
    if (ops !== undefined && stderr.includes('"msg":"connect"')) connected.resolve(ops)
  })
  const gone = new Promise<number | null>((resolve) => child.once('close', resolve))
  void gone.then((code) => connected.reject(new Error(`the recorder ended with ${code} before it was connected:\n${stderr}`)))
  const ops = await connected.promise
  const begun = performance.now()
  const samples: Sample[] = []
  const heap: (readonly [number, number])[] = []
  while (performance.now() - begun < seconds * 1_000) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const at = (performance.now() - begun) / 1_000
    samples.push(look(child.pid ?? 0, at))
    if (samples.length % 4 !== 0) continue
    const now = parse(await (await fetch(`${ops}/metrics`)).text())
    heap.push([at, (now.get('nodejs_heap_size_used_bytes') ?? 0) / 2 ** 20])
  }
  const metrics = parse(await (await fetch(`${ops}/metrics`)).text())
  const count = faults()
  child.kill('SIGTERM')
  const code = await gone
  if (code !== 0) throw new Error(`the recorder ended with ${code}:\n${stderr.slice(-4_000)}`)
  await inspect?.(dir)
  return { entry, samples, heap, summary: JSON.parse(stdout) as WatchedRun['summary'], metrics, faults: count }
}

function look(pid: number, at: number): Sample {
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { at, rssMb: Number(rss) / 1_024, fds: readdirSync(`/proc/${pid}/fd`).length }
}

function parse(text: string): Map<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

/** Slope of a line through points, by least squares: y per x. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (pick: 0 | 1): number => points.reduce((sum, point) => sum + point[pick], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
  return spread === 0 ? 0 : points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread
}

/** Lowest memory of each stretch: what stays, without what a garbage collection or the end of a merge gives back. */
export function floors(
  points: readonly (readonly [at: number, mb: number])[],
  stretchS: number,
): readonly (readonly [at: number, mb: number])[] {
  const lowest = new Map<number, readonly [number, number]>()
  for (const point of points) {
    const stretch = Math.floor(point[0] / stretchS)
    const known = lowest.get(stretch)
    if (known === undefined || point[1] < known[1]) lowest.set(stretch, point)
  }
  return [...lowest.values()]
}

/** A histogram's quantile from its buckets: the upper end of the bucket that holds it, in milliseconds. */
export function quantileMs(metrics: ReadonlyMap<string, number>, name: string, share: number): number {
  const buckets = [...metrics].flatMap(([key, count]) => {
    const end = new RegExp(`^${name}_bucket\\{le="([^"]+)"\\}$`).exec(key)?.[1]
    return end === undefined ? [] : [[end === '+Inf' ? Number.POSITIVE_INFINITY : Number(end), count] as const]
  })
  const total = metrics.get(`${name}_count`) ?? 0
  return (buckets.find(([, count]) => count >= total * share)?.[0] ?? Number.NaN) * 1_000
}
