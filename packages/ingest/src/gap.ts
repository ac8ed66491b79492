import type { EventSource, Micros } from '@vectra/schemas'
import type { ConnectionStatus, GapCause } from './source.ts'

/** Payload of a `gap` system event: a stretch in which frames were, or may have been, missed. */
export interface Gap {
  /** Receive time of the last frame before the gap, else when the trouble was noticed. Microseconds. */
  readonly from: Micros
  /** Receive time of the first frame after it, else the end of the session. Microseconds. */
  readonly to: Micros
  readonly cause: GapCause
  readonly source: EventSource
  /** Exact when the source counted; else mean rate before the gap × its length; null when no rate is known. */
  readonly est_missing: number | null
  /** What closed the gap without loss, e.g. `connection_state_recovery`; null when frames are missing. */
  readonly recovered_by: string | null
}

/** Frames over which the rate before a gap is taken. */
const RATE_WINDOW = 64

/**
 * Turns connection trouble into gaps. Fed every status and every received frame in order.
 *
 * A gap opens at the first sign of trouble, is closed by the next received frame, and ends with the session if none comes.
 */
export class GapTracker {
  readonly #source: EventSource
  #recent: Micros[] = []
  #last: Micros | null = null
  #open: { from: Micros; cause: GapCause; recovered: boolean } | null = null

  constructor(source: EventSource) {
    this.#source = source
  }

  /** A status may open a gap, or be one (overflow). */
  onStatus(status: ConnectionStatus, at: Micros): Gap | null {
    switch (status.kind) {
      case 'disconnect':
        if (!status.final) this.#begin(status.cause ?? 'disconnect', at)
        return null
      case 'stale':
        this.#begin('stale', at)
        return null
      case 'connect':
      case 'reconnect': {
        // A capture may show only the next connect of a connection that broke.
        if (this.#last !== null) this.#begin('disconnect', at)
        if (this.#open && status.kind === 'reconnect') this.#open.recovered = status.recovered
        return null
      }
      case 'overflow':
        return { from: status.from, to: at, cause: 'backpressure', source: this.#source, est_missing: status.missed, recovered_by: null }
      case 'connect_error':
        return null
    }
  }

  /** Every received frame; returns the gap that it ends. */
  onFrame(at: Micros): Gap | null {
    const gap = this.#close(at)
    this.#last = at
    this.#recent.push(at)
    if (this.#recent.length > 2 * RATE_WINDOW) this.#recent = this.#recent.slice(-RATE_WINDOW)
    return gap
  }

  /** End of the session: a gap still open lasts until now. */
  end(at: Micros): Gap | null {
    return this.#close(at)
  }

  #begin(cause: GapCause, at: Micros): void {
    this.#open ??= { from: this.#last ?? at, cause, recovered: false }
  }

  #close(at: Micros): Gap | null {
    const open = this.#open
    if (!open) return null
    this.#open = null
    const estimate = open.recovered ? 0 : this.#estimate(at - open.from)
    if (!open.recovered) this.#recent = []
    return {
      from: open.from,
      to: at,
      cause: open.cause,
      source: this.#source,
      est_missing: estimate,
      recovered_by: open.recovered ? 'connection_state_recovery' : null,
    }
  }

  #estimate(length: Micros): number | null {
    const times = this.#recent.slice(-RATE_WINDOW)
    const first = times[0]
    const last = times.at(-1)
    if (first === undefined || last === undefined || last <= first || length <= 0) return null
    return Math.round((length * (times.length - 1)) / (last - first))
  }
}
