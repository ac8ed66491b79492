import type { Io } from './io.ts'
import type { Log, LogFields } from './log.ts'
import { cutTo } from './text.ts'

/** One line about a running job: rewritten in place on a terminal, a log line every 30 s elsewhere. */
export interface StatusLine extends Disposable {
  /** Prints a line that stays, above the live one. */
  print(line: string): void
  /** Shows the current state now instead of at the next turn. */
  refresh(): void
}

/** How a job describes itself. */
export interface StatusSubject {
  /** The live line, without colour. */
  readonly text: () => string
  /** The same facts for a log line. */
  readonly fields: () => LogFields
}

const LIVE_INTERVAL_MS = 200
const LOG_INTERVAL_MS = 30_000
const CLEAR = '\r\u001b[2K'

/** Where lines go while there may or may not be a live status line. */
export class StatusDisplay {
  readonly #io: Io
  #drawn = false
  #draw: (() => void) | undefined

  constructor(io: Io) {
    this.#io = io
  }

  /** Prints a lasting line, taking the live one away first and drawing it again after. */
  readonly print = (line: string): void => {
    this.#clear()
    this.#io.say(line)
    this.#draw?.()
  }

  /** Shows `subject` until the result is disposed; the last state is not left behind. */
  show(subject: StatusSubject, log: Log, { quiet = false }: { quiet?: boolean } = {}): StatusLine {
    if (quiet) return { print: this.print, refresh: () => undefined, [Symbol.dispose]: () => undefined }
    const live = this.#io.stderrIsLive
    const draw = (): void => {
      this.#io.rawError(`${CLEAR}${cutTo(subject.text(), Math.max(20, this.#io.columns() - 1))}`)
      this.#drawn = true
    }
    const report = (): void => log.info('status', subject.fields())
    const turn = setInterval(live ? draw : report, live ? LIVE_INTERVAL_MS : LOG_INTERVAL_MS)
    turn.unref()
    if (live) {
      this.#draw = draw
      draw()
    }
    return {
      print: this.print,
      refresh: () => (live ? draw() : report()),
      [Symbol.dispose]: () => {
        clearInterval(turn)
        this.#draw = undefined
        this.#clear()
      },
    }
  }

  #clear(): void {
    if (this.#drawn) this.#io.rawError(CLEAR)
    this.#drawn = false
  }
}
