import type { Gap } from './gap.ts'
import type { Translated } from './translate.ts'

/** One line of the sheet: `in = stored + duplicates + quarantined + unstored`. */
export interface BalanceLine {
  /** Frames and imported lines that arrived. */
  in: number
  /** Acknowledged by the sink as durable. */
  stored: number
  /** In the sink already: an import that ran before, or a frame that another connection of the source delivered. */
  duplicates: number
  /** Capture lines that could not be read: named, reported, not stored as events. */
  quarantined: number
  /** Received but not acknowledged: in flight; above 0 at the end only after a sink failure. */
  unstored: number
  /** Stored with schema issues. */
  issues: number
}

/** What one session received and where it went (P9). */
export interface BalanceSheet {
  readonly sessionId: string
  readonly framesIn: number
  readonly stored: number
  readonly duplicates: number
  readonly quarantined: number
  readonly unstored: number
  readonly issues: number
  /** System events that the pipeline made itself, and that the sink acknowledged or held already. */
  readonly systemRows: number
  readonly gaps: number
  /** Sum of the gaps' estimates; gaps without one count nothing. */
  readonly estMissing: number
  /** Times the sink had no room and the source was held back. */
  readonly stalls: number
  /** By event name, at most {@link MAX_NAMES} names; the rest stands under `(other)`. */
  readonly byEvent: Readonly<Record<string, Readonly<BalanceLine>>>
  /** Does every line add up, with nothing unstored? */
  readonly closes: boolean
}

/** Event names counted one by one: a hostile server must not fill memory with names. */
export const MAX_NAMES = 512

/** Running counters behind the sheet. */
export class Balance {
  readonly #lines = new Map<string, BalanceLine>()
  systemRows = 0
  gaps = 0
  estMissing = 0
  stalls = 0

  /** Something arrived. */
  arrived(event: string, withIssues: boolean): void {
    const line = this.#line(event)
    line.in += 1
    line.unstored += 1
    if (withIssues) line.issues += 1
  }

  /** What arrived has found its place; rows made here are counted beside the lines. */
  settle({ envelope, counts }: Translated, place: 'stored' | 'duplicates'): void {
    if (counts === 'system') {
      this.systemRows += 1
      return
    }
    const line = this.#line(envelope.event_name)
    line[place] += 1
    line.unstored -= 1
  }

  /** A capture line arrived that could not be read. */
  quarantined(): void {
    const line = this.#line(BROKEN)
    line.in += 1
    line.quarantined += 1
  }

  /** A frame arrived that another connection of the source delivered before. */
  duplicate(event: string): void {
    const line = this.#line(event)
    line.in += 1
    line.duplicates += 1
  }

  /** A gap was noted. */
  gap(gap: Gap): void {
    this.gaps += 1
    this.estMissing += gap.est_missing ?? 0
  }

  /** Totals that do not depend on where the rows end up: the same in every run over the same input. */
  brief(): { frames: number; quarantined: number; issues: number; gaps: number; est_missing: number } {
    const { framesIn, quarantined, issues } = this.sheet('')
    return { frames: framesIn, quarantined, issues, gaps: this.gaps, est_missing: this.estMissing }
  }

  /** The sheet now. */
  sheet(sessionId: string): BalanceSheet {
    const total: BalanceLine = emptyLine()
    const byEvent: Record<string, BalanceLine> = Object.create(null)
    let closes = true
    for (const [event, line] of this.#lines) {
      byEvent[event] = { ...line }
      for (const key of Object.keys(total) as (keyof BalanceLine)[]) total[key] += line[key]
      if (line.unstored !== 0 || line.in !== line.stored + line.duplicates + line.quarantined) closes = false
    }
    return {
      sessionId,
      framesIn: total.in,
      stored: total.stored,
      duplicates: total.duplicates,
      quarantined: total.quarantined,
      unstored: total.unstored,
      issues: total.issues,
      systemRows: this.systemRows,
      gaps: this.gaps,
      estMissing: this.estMissing,
      stalls: this.stalls,
      byEvent,
      closes,
    }
  }

  #line(event: string): BalanceLine {
    const known = this.#lines.get(event)
    if (known) return known
    if (this.#lines.size >= MAX_NAMES && event !== OTHER) return this.#line(OTHER)
    const line = emptyLine()
    this.#lines.set(event, line)
    return line
  }
}

const OTHER = '(other)'
const BROKEN = '(broken line)'

function emptyLine(): BalanceLine {
  return { in: 0, stored: 0, duplicates: 0, quarantined: 0, unstored: 0, issues: 0 }
}
