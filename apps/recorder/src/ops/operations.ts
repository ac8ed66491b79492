import { statfsSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { EventStore, StoreFault, StoreFlush } from '@vectra/event-store'
import type { Source } from '@vectra/ingest'
import type { Clock, Micros } from '@vectra/schemas'
import { RecorderError } from '../errors.ts'
import type { Recorder } from '../recorder.ts'
import type { AckedRows } from './durable-rows.ts'
import { type CompactionOutcome, RecorderMetrics } from './metrics.ts'
import { PartFiles } from './part-files.ts'
import { type Readiness, type ReadinessFacts, readiness } from './readiness.ts'
import { type OpsServer, serveOps } from './server.ts'
import { statusReport } from './status.ts'

/** Where status and metrics are served. */
export interface OpsConfig {
  /** 0 for any free one. */
  readonly port: number
  /** A taken port is an error. Otherwise any free one does, as two recorders may run on one machine. Default true. */
  readonly strict?: boolean | undefined
}

/** What {@link openOperations} needs. */
export interface OperationsOptions {
  readonly dataDir: string
  readonly clock: Clock
  /** Undefined serves nothing; the counters are kept all the same. */
  readonly server?: OpsConfig | undefined
  /** A frame older than this makes `/readyz` say no. Default 5,000 ms. */
  readonly readyWithinMs?: number | undefined
}

/** The view from outside on one recording process. */
export interface Operations extends AsyncDisposable {
  /** `http://127.0.0.1:9464`; null when nothing is served. */
  readonly url: string | null
  readonly metrics: RecorderMetrics
  /** A batch became durable. */
  acked(rows: AckedRows): void
  fault(fault: StoreFault): void
  compacted(outcome: CompactionOutcome): void
  /** Events became part files. */
  readonly flushed: (flush: StoreFlush) => void
  /** The recorder runs. */
  attach(recorder: Recorder, store: EventStore, sources: readonly Source[]): void
  stopping(): void
  readiness(): Readiness
  status(): object
  /** Also listens here, once it is free: the port of the recorder that this one takes over from. False when it is still taken. */
  alsoListen(port: number): Promise<boolean>
  close(): Promise<void>
}

const READY_WITHIN_MS = 5_000

/**
 * Opens status and metrics of a recorder that is about to start.
 *
 * @throws RecorderError `RECORDER_PORT_IN_USE`, `RECORDER_LISTEN_FAILED`
 */
export async function openOperations({ dataDir, clock, server: wanted, readyWithinMs }: OperationsOptions): Promise<Operations> {
  const startedAt = clock.now()
  const begun = clock.monotonic()
  const files = new PartFiles(dataDir, clock)
  const loop = monitorEventLoopDelay({ resolution: 20 })
  loop.enable()
  const servers: OpsServer[] = []
  let running: { recorder: Recorder; store: EventStore; sources: readonly Source[] } | undefined
  let state: ReadinessFacts['state'] = 'opening'
  let writing: ReadinessFacts['writing'] = 'ok'
  let partsAtFault = 0
  let lastFrameAt: Micros | null = null
  const faults = new Map<string, number>()

  /** Part files that come again say that making them works again. */
  const writingNow = (): ReadinessFacts['writing'] => {
    if (writing === 'parts_failing' && (running?.store.stats().partsWritten ?? 0) > partsAtFault) writing = 'ok'
    return writing
  }
  const readyNow = (): Readiness =>
    readiness({ state, now: clock.now(), lastFrameAt, writing: writingNow(), withinMs: readyWithinMs ?? READY_WITHIN_MS })
  const metrics = new RecorderMetrics(() => ({
    status: running?.recorder.status() ?? null,
    store: running?.store.stats() ?? null,
    files: files.counts(),
    diskFreeBytes: diskFree(dataDir),
  }))
  const status = (): object =>
    statusReport({
      state,
      startedAt,
      elapsedMs: clock.monotonic() - begun,
      dataDir,
      url: servers[0]?.url ?? null,
      readiness: readyNow(),
      recorder: running?.recorder.status() ?? null,
      sources: running?.sources ?? [],
      store: running?.store.stats() ?? null,
      faults,
      diskFreeBytes: diskFree(dataDir),
      lastFrameAt,
      loopDelayMs: { p50: loop.percentile(50) / 1e6, p99: loop.percentile(99) / 1e6, max: loop.max / 1e6 },
    })
  const views = {
    health: () => ({ status: 'ok', pid: process.pid, uptime_ms: Math.round(clock.monotonic() - begun), state }),
    readiness: readyNow,
    status,
    metrics: { contentType: metrics.contentType, text: () => metrics.text() },
  }
  const listen = async ({ port, strict = true }: OpsConfig): Promise<OpsServer> => {
    try {
      return await serveOps(views, port)
    } catch (error) {
      if (strict || !(error instanceof RecorderError) || error.code !== 'RECORDER_PORT_IN_USE') throw error
      return serveOps(views, 0)
    }
  }
  const close = async (): Promise<void> => {
    state = 'stopped'
    loop.disable()
    files.close()
    await Promise.all(servers.map((server) => server.close()))
  }
  try {
    if (wanted !== undefined) servers.push(await listen(wanted))
  } catch (error) {
    await close()
    throw error
  }
  return {
    url: servers[0]?.url ?? null,
    metrics,
    acked(rows) {
      lastFrameAt = rows.lastFrameAt ?? lastFrameAt
      metrics.acked(rows)
    },
    fault({ kind }) {
      faults.set(kind, (faults.get(kind) ?? 0) + 1)
      if (kind === 'append') writing = 'append_failing'
      if (kind === 'resumed') writing = 'ok'
      if (kind !== 'encode') return
      writing = 'parts_failing'
      partsAtFault = running?.store.stats().partsWritten ?? 0
    },
    compacted: (outcome) => metrics.compacted(outcome),
    flushed: (flush) => metrics.flushed(flush),
    attach(recorder, store, sources) {
      running = { recorder, store, sources }
      state = 'recording'
    },
    stopping() {
      if (state !== 'stopped') state = 'stopping'
    },
    readiness: readyNow,
    status,
    async alsoListen(port) {
      try {
        servers.push(await serveOps(views, port))
        return true
      } catch {
        return false
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function diskFree(dir: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(dir)
    return bavail * bsize
  } catch {
    return null
  }
}
