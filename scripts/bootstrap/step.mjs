import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { runChild } from './child.mjs'
import { logs, root } from './places.mjs'

const TAIL_LINES = 24

/** Frames of a tool's own stack, and empty prefixes: they push what matters off the screen. */
const NOISE = /\bat .*:\d+:\d+\)?$|^(\S+:)?\s*$/

/** Bootstrap chatter goes to stderr: stdout belongs to the command that was asked for. */
export function say(text) {
  process.stderr.write(`vectra: ${text}\n`)
}

/** A step of the bootstrap that failed: which one, and what to type to see it again. */
export class StepError extends Error {
  /**
   * @param {string} step
   * @param {string} reason
   * @param {{ repeat?: string, log?: string, exitCode?: number }} [options]
   */
  constructor(step, reason, { repeat, log, exitCode = 1 } = {}) {
    super(reason)
    this.name = 'StepError'
    this.step = step
    this.repeat = repeat
    this.log = log
    this.exitCode = exitCode
  }

  /** The one-screen report: step, reason, end of its log without stack frames, command to repeat. */
  report() {
    const lines = [`vectra: step "${this.step}" failed: ${this.message}`]
    if (this.log) {
      lines.push(...readTail(this.log).map((line) => `  | ${line}`))
      lines.push(`  whole log:  ${relative(root, this.log)}`)
    }
    if (this.repeat) lines.push(`  repeat it:  ${this.repeat}`)
    return `${lines.join('\n')}\n`
  }
}

/**
 * Runs one step with its output in `.tools/logs/<name>.log`, and throws a `StepError` unless it exits with 0.
 *
 * @param {string} name  what the person reads, e.g. "install dependencies"
 * @param {{ file: string, args: string[], cwd?: string, env?: NodeJS.ProcessEnv, repeat: string }} command
 */
export async function step(name, { file, args, cwd = root, env = process.env, repeat }) {
  const log = `${logs}/${name.replaceAll(/[^a-z0-9.]+/gi, '-')}.log`
  mkdirSync(dirname(log), { recursive: true })
  writeFileSync(log, `$ ${[file, ...args].join(' ')}\n`)
  say(`${name} ...`)
  const started = performance.now()
  // npm on Windows is a script, which only a shell can start.
  const options = { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], shell: file.endsWith('.cmd') }
  const keep = (chunk) => appendFileSync(log, chunk)
  const { code, signal, error } = await runChild(file, args, options, (child) => {
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
  })
  if (code !== 0) {
    const reason = error?.message ?? (signal ? `ended by ${signal}` : `exit code ${code}`)
    throw new StepError(name, reason, { repeat, log, exitCode: signal ? code : 1 })
  }
  say(`${name}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

function readTail(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !NOISE.test(line))
    .slice(-TAIL_LINES)
}
