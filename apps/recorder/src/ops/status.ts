import type { StoreStats } from '@vectra/event-store'
import type { Source } from '@vectra/ingest'
import type { Micros } from '@vectra/schemas'
import type { RecorderStatus } from '../recorder.ts'
import type { Readiness, ReadinessFacts } from './readiness.ts'

/** What `/status` is made of. */
export interface StatusFacts {
  readonly state: ReadinessFacts['state']
  readonly startedAt: Micros
  readonly elapsedMs: number
  readonly dataDir: string
  readonly url: string | null
  readonly readiness: Readiness
  readonly recorder: RecorderStatus | null
  readonly sources: readonly Source[]
  readonly store: StoreStats | null
  /** How often the store reported trouble, by kind. */
  readonly faults: ReadonlyMap<string, number>
  readonly diskFreeBytes: number | null
  readonly lastFrameAt: Micros | null
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

/** The answer of `/status`: stable keys in snake case, counts as numbers, times as ISO text. */
export function statusReport(facts: StatusFacts): object {
  const { recorder, store, readiness, loopDelayMs } = facts
  return {
    pid: process.pid,
    state: facts.state,
    ready: readiness.ready,
    reasons: readiness.reasons,
    data_dir: facts.dataDir,
    url: facts.url,
    started_at: isoOf(facts.startedAt),
    elapsed_ms: Math.round(facts.elapsedMs),
    last_frame_at: facts.lastFrameAt === null ? null : isoOf(facts.lastFrameAt),
    events: recorder?.events ?? 0,
    stored: recorder?.stored ?? 0,
    gaps: recorder?.gaps ?? 0,
    sources:
      recorder?.sources.map(({ session, source, connection, counters, live, busDropped }, index) => ({
        session,
        source,
        url: facts.sources[index]?.meta?.url ?? null,
        connection,
        events: counters.framesIn,
        stored: counters.stored,
        duplicates: counters.duplicates,
        quarantined: counters.quarantined,
        unstored: counters.unstored,
        issues: counters.issues,
        gaps: counters.gaps,
        est_missing: counters.estMissing,
        stalls: counters.stalls,
        bus_dropped: busDropped,
        game: { id: live.gameId, phase: live.phase, tick: live.tick, price: live.price, ended: live.gamesEnded },
      })) ?? [],
    store: store && {
      acked: store.acked,
      buffered: store.buffered,
      refused: store.refused,
      journal_bytes: store.pendingBytes,
      segments_pending: store.segmentsPending,
      parts_written: store.partsWritten,
      part_bytes: store.partBytes,
      rows: store.rowsByDocType,
      faults: Object.fromEntries(facts.faults),
    },
    process: {
      rss_bytes: process.memoryUsage.rss(),
      loop_delay_ms: { p50: round(loopDelayMs.p50), p99: round(loopDelayMs.p99), max: round(loopDelayMs.max) },
    },
    disk: { free_bytes: facts.diskFreeBytes },
  }
}

function isoOf(at: Micros): string {
  return new Date(at / 1_000).toISOString()
}

function round(ms: number): number {
  return Number.isFinite(ms) ? Math.round(ms * 100) / 100 : 0
}
