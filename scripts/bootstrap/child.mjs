import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** The child this process stands in for right now. */
let current

/**
 * Passes signals on to the running child. With none running there is nothing to end gracefully: exit.
 *
 * A terminal's Ctrl-C reaches the child without us (same process group), so SIGINT is passed on only when there is no terminal.
 */
export function forwardSignals() {
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      if (current === undefined) process.exit(128 + constants.signals[signal])
      if (signal !== 'SIGINT' || !process.stdin.isTTY) current.kill(signal)
    })
  }
}

/**
 * Spawns, waits, and reports how it ended; never throws.
 *
 * @param {(child: import('node:child_process').ChildProcess) => void} [attach]  for piped streams
 * @returns {Promise<{ code: number, signal: NodeJS.Signals | null, error?: Error }>} `code` is 128 + n after signal n
 */
export function runChild(file, args, options, attach) {
  return new Promise((done) => {
    const child = spawn(file, args, options)
    current = child
    attach?.(child)
    const finish = (outcome) => {
      current = undefined
      done(outcome)
    }
    child.on('error', (error) => finish({ code: 1, signal: null, error }))
    child.on('close', (code, signal) => finish({ code: signal ? 128 + constants.signals[signal] : code, signal }))
  })
}
