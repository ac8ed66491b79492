import { once } from 'node:events'
import { styleText } from 'node:util'

/** Colours and weights used by the command line. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/**
 * The two streams of a command: data on stdout, everything else on stderr.
 *
 * A reader that goes away (`vectra events | head -1`) is no error: writes become no-ops and `readerGone` fires.
 */
export interface Io {
  /** Writes data, waiting while the reader is slow. Adds nothing. */
  write(data: string | Uint8Array): Promise<void>
  /** `write` with a line break. */
  line(text: string): Promise<void>
  /** Writes one line about the run to stderr. */
  say(text: string): void
  /** Coloured for stdout when it is a terminal that wants colour (`NO_COLOR`, `--no-color`). */
  styled(style: Style | readonly Style[], text: string): string
  /** The same for stderr. */
  styledError(style: Style | readonly Style[], text: string): string
  /** Fires when the reader of stdout went away. */
  readonly readerGone: AbortSignal
  readonly stdoutIsTerminal: boolean
  /** False in CI, where a line that rewrites itself would fill the log. */
  readonly stderrIsLive: boolean
  /** Columns of stderr's terminal; 80 when it is none. */
  readonly columns: () => number
  /** Raw access for the status line. */
  readonly rawError: (text: string) => void
}

/** The process's own streams. Installs the handlers that make a vanished reader harmless. */
export function processIo(env: Readonly<Record<string, string | undefined>>): Io {
  const { stdout, stderr } = process
  const gone = new AbortController()
  let stderrGone = false
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    gone.abort(error)
  })
  stderr.on('error', () => {
    stderrGone = true
  })
  const rawError = (text: string): void => {
    if (!stderrGone) stderr.write(text)
  }
  const write = async (data: string | Uint8Array): Promise<void> => {
    if (gone.signal.aborted || data.length === 0) return
    if (!stdout.write(data)) {
      await Promise.race([once(stdout, 'drain'), aborted(gone.signal)]).catch(() => undefined)
    }
  }
  return {
    write,
    line: (text) => write(`${text}\n`),
    say: (text) => rawError(`${text}\n`),
    styled: (style, text) => styleText(style as Style[], text, { stream: stdout }),
    styledError: (style, text) => styleText(style as Style[], text, { stream: stderr }),
    readerGone: gone.signal,
    stdoutIsTerminal: stdout.isTTY === true,
    stderrIsLive: stderr.isTTY === true && !env.CI,
    columns: () => stderr.columns || 80,
    rawError,
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
