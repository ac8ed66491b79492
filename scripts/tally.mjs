import { closingLine } from './test/results.mjs'

/** Counts named checks and prints each as it ends; a check fails by throwing. */
export function tally() {
  const counts = { passed: 0, failed: 0 }
  return {
    /**
     * @template T
     * @param {string} name
     * @param {() => T | Promise<T>} work
     * @returns {Promise<T | undefined>} undefined when it failed
     */
    async check(name, work) {
      try {
        const value = await work()
        counts.passed += 1
        process.stdout.write(`ok   ${name}\n`)
        return value
      } catch (error) {
        counts.failed += 1
        process.stdout.write(`FAIL ${name}\n${indent(error.message)}\n`)
        return undefined
      }
    },
    /** Prints the closing line; the exit code to leave with. */
    close() {
      process.stdout.write(`${closingLine({ ...counts })}\n`)
      return counts.failed === 0 ? 0 : 1
    },
  }
}

function indent(text) {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `     ${line}`)
    .join('\n')
}
