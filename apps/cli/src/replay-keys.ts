import type { ReplayControl } from '@vectra/ingest'

/** What the keys do, for `--help` and the first line of a replay. */
export const REPLAY_KEYS = 'n or space: next frame, p: play or pause, + and -: faster and slower, q: stop'

const FASTEST = 64
const SLOWEST = 1 / 64

/**
 * Drives a replay by keys from stdin: single ones on a terminal, the same letters from a pipe. A replay that stands when the
 * pipe ends is stopped; one that plays goes on.
 *
 * @param stop called for `q`, Ctrl-C, Ctrl-D and the end of the input
 * @returns undoes it: the terminal is as it was
 */
export function readReplayKeys(control: ReplayControl, stop: () => void, input: NodeJS.ReadStream = process.stdin): Disposable {
  const raw = input.isTTY === true
  const onData = (data: Buffer): void => {
    // An arrow is three bytes on a terminal.
    for (const key of data.toString('latin1').replaceAll('\u001b[C', 'n').replaceAll('\u001b[B', 'n')) press(key, control, stop)
  }
  let forget: (() => void) | undefined
  /** What a pipe asked for before its end is still shown. */
  const onEnd = (): void => {
    const finish = (): void => {
      if (control.paused && control.steps === 0) setImmediate(stop)
    }
    forget = control.onChange(finish)
    finish()
  }
  if (raw) input.setRawMode(true)
  input.on('data', onData)
  input.once('end', onEnd)
  input.resume()
  return {
    [Symbol.dispose]() {
      input.off('data', onData)
      input.off('end', onEnd)
      forget?.()
      input.pause()
      if (raw) input.setRawMode(false)
    },
  }
}

function press(key: string, control: ReplayControl, stop: () => void): void {
  const { speed } = control
  switch (key) {
    case 'n':
    case ' ':
      return control.step()
    case 'p':
      return control.paused ? control.resume() : control.pause()
    case '+':
    case '=':
      return control.setSpeed(speed === 'max' || speed >= FASTEST ? 'max' : speed * 2)
    case '-':
      return control.setSpeed(speed === 'max' ? FASTEST : Math.max(SLOWEST, speed / 2))
    case 'q':
    case '\u0003':
    case '\u0004':
      stop()
  }
}
