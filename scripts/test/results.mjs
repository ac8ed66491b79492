import { existsSync, readFileSync } from 'node:fs'

/**
 * Adds up vitest's JSON reports.
 *
 * A package that left no report, and a file that could not even be loaded, count as one failure each:
 * tests that did not run have not passed.
 *
 * @param {{ name: string, report: string }[]} packages
 * @param {{ partial?: boolean }} options  `partial`: a package without a report, or with an empty one, was not asked to run
 */
export function collect(packages, { partial = false } = {}) {
  /** @type {{ passed: number, failed: number, skipped: number, problems: string[] }} */
  const totals = { passed: 0, failed: 0, skipped: 0, problems: [] }
  for (const { name, report } of packages) {
    if (!existsSync(report)) {
      if (partial) continue
      totals.failed += 1
      totals.problems.push(`${name}: left no test report; repeat with: npm test -- --filter=${name}`)
      continue
    }
    const parsed = JSON.parse(readFileSync(report, 'utf8'))
    totals.passed += parsed.numPassedTests
    totals.failed += parsed.numFailedTests
    totals.skipped += parsed.numPendingTests + parsed.numTodoTests
    for (const file of parsed.testResults) {
      const failures = file.assertionResults.filter((test) => test.status === 'failed')
      for (const test of failures) totals.problems.push(`${name}: ${test.fullName}`)
      if (file.status === 'failed' && failures.length === 0) {
        totals.failed += 1
        totals.problems.push(`${name}: ${file.name}: ${String(file.message || 'did not run to its end').split('\n')[0]}`)
      }
    }
    if (!partial && parsed.numTotalTests === 0 && parsed.testResults.length === 0) {
      totals.failed += 1
      totals.problems.push(`${name}: has a test script and no test`)
    }
  }
  return totals
}

/** `N passed, N failed`, with `, N skipped` only when there is something to confess. */
export function closingLine({ passed, failed, skipped = 0 }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
