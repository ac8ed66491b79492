import { runChild } from '../bootstrap/child.mjs'
import { closingLine } from '../test/results.mjs'

const CLOSING = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm

/**
 * Runs every step, whatever the one before said, and prints a table with times.
 *
 * @param {{ name: string, says: string, file: string, args: string[], env: NodeJS.ProcessEnv }[]} steps
 * @returns {Promise<number>} exit code: 0 only when nothing failed
 */
export async function runSteps(steps) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  const table = []
  for (const step of steps) {
    process.stdout.write(`\n=== ${step.name}: ${step.says}\n`)
    const started = performance.now()
    const { code, closing } = await runStep(step)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const counts = countsOf(code, closing)
    total.passed += counts.passed
    total.failed += counts.failed
    total.skipped += counts.skipped
    const verdict = counts.failed === 0 ? 'ok  ' : 'FAIL'
    table.push(`${verdict} ${step.name.padEnd(12)} ${seconds.padStart(7)} s   ${closingLine(counts)}`)
    process.stdout.write(
      `--- ${step.name}: ${verdict.trim()} in ${seconds} s${code === 0 ? '' : ` (exit code ${code}; repeat with: bash .ci/run ${step.name})`}\n`,
    )
    if (code > 128) break
  }
  process.stdout.write(`\n${table.join('\n')}\n\n${closingLine(total)}\n`)
  return total.failed === 0 ? 0 : 1
}

/** What a step adds to the sum. A step that exits non-zero has failed, whatever it counted. */
export function countsOf(code, closing) {
  const counts = closing ?? { passed: code === 0 ? 1 : 0, failed: 0, skipped: 0 }
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/** The last closing line in a step's output, if it printed one. */
export function closingOf(text) {
  const last = [...text.matchAll(CLOSING)].at(-1)
  return last && { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3] ?? 0) }
}

async function runStep({ file, args, env }) {
  let tail = ''
  const watch = (chunk) => {
    process.stdout.write(chunk)
    tail = (tail + chunk).slice(-20_000)
  }
  const { code, error } = await runChild(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }, (child) => {
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', watch)
  })
  if (error) process.stdout.write(`${error.message}\n`)
  return { code, closing: closingOf(tail) }
}
