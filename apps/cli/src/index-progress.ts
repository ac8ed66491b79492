import type { SyncProgress } from '@vectra/vectors'
import { formatCount, formatDuration } from './terminal/units.ts'

/** How far a run over the search tables is, for a status line and for logs. Rate and time left are those of the table at work. */
export class IndexProgress {
  readonly #now: () => number
  #last: SyncProgress | undefined
  #since: number

  /** @param now milliseconds of a clock that does not step back */
  constructor(now: () => number) {
    this.#now = now
    this.#since = now()
  }

  /** Takes note of a progress report. */
  saw(progress: SyncProgress): void {
    if (this.#last !== undefined && this.#last.table !== progress.table) this.#since = this.#now()
    this.#last = progress
  }

  /** One line for people. */
  text(): string {
    if (this.#last === undefined) return 'looking for changes'
    const { table, scopes, total, rows, embedded } = this.#last
    const left = this.#left()
    return `${table}: ${scopes}${total === undefined ? '' : ` of ${total}`} sources, ${formatCount(rows)} rows at ${this.#rate()}/s, ${formatCount(embedded)} embedded${
      left === undefined || left < 1_000 ? '' : `, about ${formatDuration(left)} left`
    }`
  }

  /** The same for a log line. */
  fields(): Record<string, unknown> {
    return { ...this.#last, rate: this.#rate() }
  }

  #rate(): number {
    return this.#last === undefined ? 0 : Math.round((this.#last.rows / Math.max(1, this.#now() - this.#since)) * 1_000)
  }

  #left(): number | undefined {
    const { scopes = 0, total } = this.#last ?? {}
    return total === undefined || scopes === 0 ? undefined : ((this.#now() - this.#since) / scopes) * Math.max(0, total - scopes)
  }
}
