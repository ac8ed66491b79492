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
  /**
   * What gave back all that was counted: the frames themselves (`connection_state_recovery`), or the prices of the missing ticks
   * (`partialPrices`; other content of those frames stays lost). Null when something is missing.
   */
  readonly recovered_by: string | null
  /** The game that was on; absent when none was known. */
  readonly gameId?: string
  /** First and last tick that no frame of its own showed; of gaps of cause `feed` and `decode` while a game ran. */
  readonly from_tick?: number
  readonly to_tick?: number
  /** Of a gap of cause `clock`: by how much the wall clock stepped, microseconds. */
  readonly step_us?: number
}

/**
 * Seconds of reception over which the rate before a gap is taken. Long, because a server tells a new connection much at once: the
 * rate of the last few frames made a gap after such a burst look a hundred times worse than it was.
 */
const RATE_SECONDS = 60
const SECOND = 1_000_000

/** Frames received within one second, and when the first of them was. */
interface Bin {
  readonly second: number
  readonly first: Micros
  count: number
  /** How much of the time since the bin before was a gap. */
  readonly paused: number
}

interface OpenGap {
  readonly from: Micros
  /** Frames a microsecond before it; null when none is known. */
  readonly rate: number | null
  readonly cause: GapCause
  /** First frame since, when it came before its connection was announced. */
  to: Micros | null
}

/**
 * Turns connection trouble into gaps. Fed every status and every received frame in order.
 *
 * A gap opens at the first sign of trouble, is closed by the next received frame, and ends with the session if none comes.
 * With connection state recovery a server sends what was missed *before* its CONNECT packet, and only that packet says so:
 * frames of a connection that is not announced yet therefore leave the gap open until it is.
 */
export class GapTracker {
  readonly #source: EventSource
  readonly #bins: Bin[] = []
  #paused = 0
  #last: { readonly at: Micros; readonly connection: string } | null = null
  /** Connections that said they are open; empty before the first. */
  readonly #announced = new Set<string>()
  #open: OpenGap | null = null

  constructor(source: EventSource) {
    this.#source = source
  }

  /** A status may open a gap, close one (a recovered reconnect), or be one (overflow). */
  onStatus(status: ConnectionStatus, at: Micros): Gap | null {
    if ('covered' in status && status.covered) {
      if (status.kind === 'connect' || status.kind === 'reconnect') this.#announced.add(status.connection)
      return null
    }
    switch (status.kind) {
      case 'disconnect':
        if (!status.final) this.#begin(status.cause ?? 'disconnect', at)
        return null
      case 'stale':
        this.#begin('stale', at)
        return null
      case 'connect':
      case 'reconnect':
        return this.#announce(status, at)
      case 'overflow':
        return {
          from: status.from,
          to: at,
          cause: 'backpressure',
          source: this.#source,
          est_missing: status.missed,
          recovered_by: null,
        }
      case 'connect_error':
        return null
    }
  }

  /** Every received frame; returns the gap that it ends. */
  onFrame(at: Micros, connection: string): Gap | null {
    const known = this.#announced.size === 0 || this.#announced.has(connection)
    if (this.#open && !known) this.#open.to ??= at
    const gap = known ? this.#close(at, false) : null
    this.#last = { at, connection }
    const second = Math.floor(at / SECOND)
    const bin = this.#bins.at(-1)
    if (bin?.second === second) bin.count += 1
    else {
      this.#bins.push({ second, first: at, count: 1, paused: this.#paused })
      this.#paused = 0
    }
    if (this.#bins.length > RATE_SECONDS) this.#bins.shift()
    return gap
  }

  #announce(
    status: { readonly kind: 'connect' | 'reconnect'; readonly connection: string; readonly recovered?: boolean },
    at: Micros,
  ): Gap | null {
    this.#announced.clear()
    this.#announced.add(status.connection)
    // A capture may show only the next connect of a connection that broke.
    if (this.#last !== null && this.#last.connection !== status.connection) this.#begin('disconnect', at)
    if (status.recovered) return this.#close(this.#open?.to ?? at, true)
    return this.#open?.to == null ? null : this.#close(this.#open.to, false)
  }

  /** End of the session: a gap still open lasts until now. */
  end(at: Micros): Gap | null {
    return this.#close(this.#open?.to ?? at, false)
  }

  #begin(cause: GapCause, at: Micros): void {
    this.#open ??= { from: this.#last?.at ?? at, cause, to: null, rate: this.#rate() }
  }

  #close(to: Micros, recovered: boolean): Gap | null {
    const open = this.#open
    if (!open) return null
    this.#open = null
    this.#paused += Math.max(0, to - open.from)
    return {
      from: open.from,
      to,
      cause: open.cause,
      source: this.#source,
      est_missing: recovered ? 0 : open.rate === null || to <= open.from ? null : Math.round((to - open.from) * open.rate),
      recovered_by: recovered ? 'connection_state_recovery' : null,
    }
  }

  /** Mean rate over the time that was no gap. */
  #rate(): number | null {
    const [first] = this.#bins
    const last = this.#last?.at
    if (first === undefined || last === undefined || last <= first.first) return null
    const frames = this.#bins.reduce((sum, bin) => sum + bin.count, 0)
    const paused = this.#bins.slice(1).reduce((sum, bin) => sum + bin.paused, 0)
    return (frames - 1) / Math.max(1, last - first.first - paused)
  }
}
