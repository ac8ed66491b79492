import type { StoreFlush, StoreStats } from '@vectra/event-store'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { RecorderStatus } from '../recorder.ts'
import type { AckedRows } from './durable-rows.ts'
import type { FileCounts } from './part-files.ts'

/** What is looked at when somebody asks for the metrics. Null while the recorder is opening. */
export interface MetricsView {
  readonly status: RecorderStatus | null
  readonly store: StoreStats | null
  /** Part files of the catalog by doc_type. */
  readonly files: FileCounts
  /** Free bytes of the data directory's disk; null when the system does not say. */
  readonly diskFreeBytes: number | null
}

/** What one merge of small parts did. */
export interface CompactionOutcome {
  readonly outcome: 'done' | 'failed'
  readonly removed: number
  readonly durationMs: number
}

/** Event names counted one by one; a hostile server must not fill a time-series database with names. */
const MAX_EVENT_LABELS = 200
const LIVE: ReadonlySet<string> = new Set(['connect', 'reconnect', 'overflow'])

/**
 * The recorder's metrics for Prometheus, in a registry of their own. Labels are sources, event names and causes: never games,
 * players or sessions.
 *
 * Counters of events, gaps and reconnects count rows that are durable, not rows that were seen.
 */
export class RecorderMetrics {
  readonly #registry = new Registry()
  readonly #events: Counter<'source' | 'event'>
  readonly #gaps: Counter<'source' | 'cause'>
  readonly #gapTicks: Counter<'source'>
  readonly #reconnects: Counter<'source' | 'reason'>
  readonly #decodeErrors: Counter<'source' | 'kind'>
  readonly #ack: Histogram
  readonly #orderAck: Histogram
  readonly #orderReflect: Histogram
  readonly #flush: Histogram
  readonly #compactions: Counter<'outcome'>
  readonly #compactionSeconds: Histogram
  readonly #compactedFiles: Counter
  readonly #lastEvent: Gauge<'source'>
  readonly #names = new Set<string>()

  constructor(look: () => MetricsView) {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    this.#events = new Counter({
      name: 'vectra_events_total',
      help: 'Durable frames by source and event.',
      labelNames: ['source', 'event'],
      registers,
    })
    this.#gaps = new Counter({
      name: 'vectra_gaps_total',
      help: 'Gap rows by cause.',
      labelNames: ['source', 'cause'],
      registers,
    })
    this.#gapTicks = new Counter({
      name: 'vectra_gap_ticks_total',
      help: 'Frames missing in gaps: counted where the feed counts, else estimated.',
      labelNames: ['source'],
      registers,
    })
    this.#reconnects = new Counter({
      name: 'vectra_source_reconnects_total',
      help: 'Connections that ended, by reason.',
      labelNames: ['source', 'reason'],
      registers,
    })
    this.#decodeErrors = new Counter({
      name: 'vectra_decode_errors_total',
      help: 'Frames stored with issues, by the first issue.',
      labelNames: ['source', 'kind'],
      registers,
    })
    this.#lastEvent = new Gauge({
      name: 'vectra_last_event_timestamp_seconds',
      help: 'Receive time of the last durable frame.',
      labelNames: ['source'],
      registers,
    })
    this.#ack = new Histogram({
      name: 'vectra_ack_seconds',
      help: 'From handing a batch to the store until it is fsynced.',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    })
    const orderBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    this.#orderAck = new Histogram({
      name: 'vectra_order_ack_seconds',
      help: "From one of the player's own orders that left to the server's answer, yes or no.",
      buckets: orderBuckets,
      registers,
    })
    this.#orderReflect = new Histogram({
      name: 'vectra_order_reflect_seconds',
      help: 'From an accepted order that left to the first account state that contains it.',
      buckets: orderBuckets,
      registers,
    })
    this.#flush = new Histogram({
      name: 'vectra_flush_seconds',
      help: 'From taking a journal segment up until its part files are in the catalog.',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    })
    this.#compactions = new Counter({
      name: 'vectra_compactions_total',
      help: 'Runs of the background compaction.',
      labelNames: ['outcome'],
      registers,
    })
    this.#compactionSeconds = new Histogram({
      name: 'vectra_compaction_seconds',
      help: 'How long a run took.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    })
    this.#compactedFiles = new Counter({
      name: 'vectra_compaction_replaced_files_total',
      help: 'Small part files whose rows stand in merged ones now, and that are gone.',
      registers,
    })
    this.#registerViews(look)
  }

  /** Content type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** Everything, in the text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  /** A batch became durable. */
  acked({ source, seconds, events, gaps, disconnects, issues, lastFrameAt, orders }: AckedRows): void {
    this.#ack.observe(seconds)
    for (const [event, count] of events) this.#events.inc({ source, event: this.#bounded(event) }, count)
    for (const { cause, missing } of gaps) {
      this.#gaps.inc({ source, cause })
      this.#gapTicks.inc({ source }, missing)
    }
    for (const reason of disconnects) this.#reconnects.inc({ source, reason })
    for (const kind of issues) this.#decodeErrors.inc({ source, kind })
    if (lastFrameAt !== null) this.#lastEvent.set({ source }, lastFrameAt / 1e6)
    for (const waited of orders.acks) this.#orderAck.observe(waited)
    for (const waited of orders.reflections) this.#orderReflect.observe(waited)
  }

  /** A journal segment became part files. */
  flushed({ durationMs }: StoreFlush): void {
    this.#flush.observe(durationMs / 1_000)
  }

  /** A run of the background compaction ended. */
  compacted({ outcome, removed, durationMs }: CompactionOutcome): void {
    this.#compactions.inc({ outcome })
    this.#compactionSeconds.observe(durationMs / 1_000)
    this.#compactedFiles.inc(removed)
  }

  #bounded(event: string): string {
    if (this.#names.has(event)) return event
    if (this.#names.size >= MAX_EVENT_LABELS) return '(other)'
    this.#names.add(event)
    return event
  }

  /** Metrics whose value stands elsewhere and is read when somebody asks. */
  #registerViews(look: () => MetricsView): void {
    const registers = [this.#registry]
    const gauge = (name: string, help: string, value: (view: MetricsView) => number | null | undefined): void => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          const now = value(look())
          if (typeof now === 'number') this.set(now)
        },
      })
    }
    const counter = (name: string, help: string, value: (view: MetricsView) => number | null | undefined): void => {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset()
          this.inc(value(look()) ?? 0)
        },
      })
    }
    gauge('vectra_buffer_events', 'Events received and not durable yet.', ({ status }) =>
      status?.sources.reduce((sum, { counters }) => sum + counters.unstored, 0),
    )
    gauge('vectra_journal_bytes', 'Bytes of the journal that are not in part files yet.', ({ store }) => store?.pendingBytes)
    gauge(
      'vectra_journal_segments',
      'Sealed journal segments that wait to become part files.',
      ({ store }) => store?.segmentsPending,
    )
    gauge('vectra_disk_free_bytes', 'Free space of the disk that holds the data directory.', ({ diskFreeBytes }) => diskFreeBytes)
    counter('vectra_parts_written_total', 'Part files written.', ({ store }) => store?.partsWritten)
    counter('vectra_refused_events_total', 'Events that the disk refused at first.', ({ store }) => store?.refused)
    perLabel(registers, 'vectra_bytes_written_total', 'Bytes of the part files written.', 'doc_type', () =>
      Object.entries(look().store?.bytesByDocType ?? {}),
    )
    perLabel(registers, 'vectra_rows_written_total', 'Rows in part files written, projections included.', 'doc_type', () =>
      Object.entries(look().store?.rowsByDocType ?? {}),
    )
    new Gauge({
      name: 'vectra_partition_files',
      help: 'Part files that readers see now.',
      labelNames: ['doc_type'],
      registers,
      collect() {
        this.reset()
        for (const [doc_type, { files }] of look().files) this.set({ doc_type }, files)
      },
    })
    new Gauge({
      name: 'vectra_partition_bytes',
      help: 'Their size.',
      labelNames: ['doc_type'],
      registers,
      collect() {
        this.reset()
        for (const [doc_type, { bytes }] of look().files) this.set({ doc_type }, bytes)
      },
    })
    new Gauge({
      name: 'vectra_source_up',
      help: '1 while the source has a connection.',
      labelNames: ['source'],
      registers,
      collect() {
        this.reset()
        const up = new Map<string, number>()
        for (const { source, connection } of look().status?.sources ?? [])
          up.set(source, Math.max(up.get(source) ?? 0, LIVE.has(connection ?? '') ? 1 : 0))
        for (const [source, value] of up) this.set({ source }, value)
      },
    })
    perLabel(registers, 'vectra_bus_dropped_total', 'Events that a slow lossy subscriber did not get.', 'source', () => {
      const dropped = new Map<string, number>()
      for (const { source, busDropped } of look().status?.sources ?? [])
        dropped.set(source, (dropped.get(source) ?? 0) + busDropped)
      return dropped
    })
    perLabel(
      registers,
      'vectra_source_stalls_total',
      'Times the disk had no room and the source was held back.',
      'source',
      () => {
        const stalls = new Map<string, number>()
        for (const { source, counters } of look().status?.sources ?? [])
          stalls.set(source, (stalls.get(source) ?? 0) + counters.stalls)
        return stalls
      },
    )
  }
}

function perLabel(
  registers: Registry[],
  name: string,
  help: string,
  label: string,
  values: () => Iterable<readonly [string, number | undefined]>,
): void {
  new Counter({
    name,
    help,
    labelNames: [label],
    registers,
    collect() {
      this.reset()
      for (const [key, value] of values()) this.inc({ [label]: key }, value ?? 0)
    },
  })
}
