import type { SyncReport, TableStatus } from '@vectra/vectors'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What the indexer counts, in Prometheus' words. One registry an indexer. */
export class IndexerMetrics {
  readonly #registry = new Registry()
  readonly #rows = new Counter({
    name: 'vectra_index_rows_total',
    help: 'Rows of the search tables by what happened to them',
    labelNames: ['table', 'change'],
    registers: [this.#registry],
  })
  readonly #embeddings = new Counter({
    name: 'vectra_index_embeddings_total',
    help: 'Vectors by where they came from',
    labelNames: ['origin'],
    registers: [this.#registry],
  })
  readonly #cut = new Counter({
    name: 'vectra_index_texts_cut_total',
    help: 'Texts longer than the model reads, of those embedded',
    labelNames: ['table'],
    registers: [this.#registry],
  })
  readonly #runs = new Histogram({
    name: 'vectra_index_run_seconds',
    help: 'Length of a run over one table',
    labelNames: ['table', 'result'],
    buckets: [0.05, 0.2, 1, 5, 20, 60, 300],
    registers: [this.#registry],
  })
  readonly #stored = new Gauge({
    name: 'vectra_index_table_rows',
    help: 'Rows in a search table',
    labelNames: ['table'],
    registers: [this.#registry],
  })
  readonly #synced = new Gauge({
    name: 'vectra_index_synced_timestamp_seconds',
    help: 'When a table was last found equal to its source',
    labelNames: ['table'],
    registers: [this.#registry],
  })
  readonly #lag = new Gauge({
    name: 'vectra_index_lag_events',
    help: 'Events in part files that came since a table was last equal to its source, of which it may show none, some or all',
    labelNames: ['table'],
    registers: [this.#registry],
  })

  /** Counts a run of one table; a failed one without a report. */
  ran(table: string, seconds: number, report: SyncReport | undefined): void {
    const result = report === undefined ? 'failed' : report.written + report.deleted > 0 ? 'changed' : 'unchanged'
    this.#runs.observe({ table, result }, seconds)
    if (report === undefined) return
    this.#rows.inc({ table, change: 'written' }, report.written)
    this.#rows.inc({ table, change: 'deleted' }, report.deleted)
    this.#cut.inc({ table }, report.cut)
    this.#embeddings.inc({ origin: 'model' }, report.embedded)
    this.#embeddings.inc({ origin: 'cache' }, report.cached)
  }

  /**
   * The exposition text, with the tables as they are now.
   *
   * @param lags events that each table has yet to look at, where that is known
   */
  text(tables: readonly TableStatus[], lags: ReadonlyMap<string, number>): Promise<string> {
    this.#lag.reset()
    for (const [table, events] of lags) this.#lag.set({ table }, events)
    for (const { table, rows, syncedAt } of tables) {
      this.#stored.set({ table }, rows)
      if (syncedAt !== null) this.#synced.set({ table }, syncedAt / 1_000)
    }
    return this.#registry.metrics()
  }
}
