import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { closingOf, countsOf, runSteps } from '../../../scripts/ci/run-steps.mjs'
import { closingLine, collect } from '../../../scripts/test/results.mjs'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vectra-count-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(dir, { recursive: true })
})

function report(name: string, changes: Record<string, unknown> = {}): { name: string; report: string } {
  const path = join(dir, `${name}.json`)
  const empty = { numTotalTests: 3, numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
  writeFileSync(path, JSON.stringify({ ...empty, ...changes }))
  return { name, report: path }
}

it('adds up what the packages report', () => {
  const failed = {
    numPassedTests: 1,
    numFailedTests: 1,
    numPendingTests: 1,
    testResults: [{ status: 'failed', name: 'x.test.ts', assertionResults: [{ status: 'failed', fullName: 'P1: kept' }] }],
  }
  const totals = collect([report('a'), report('b', failed)])
  expect(totals).toEqual({ passed: 4, failed: 1, skipped: 1, problems: ['b: P1: kept'] })
  expect(closingLine(totals)).toBe('4 passed, 1 failed, 1 skipped')
})

it('a package without a report has failed, unless it was not asked to run', () => {
  const missing = { name: 'c', report: join(dir, 'none.json') }
  expect(collect([report('a'), missing])).toMatchObject({ passed: 3, failed: 1 })
  expect(collect([report('a'), missing], { partial: true })).toMatchObject({ passed: 3, failed: 0 })
})

it('a file that could not be loaded has failed', () => {
  const broken = { testResults: [{ status: 'failed', name: 'x.test.ts', message: 'SyntaxError: x', assertionResults: [] }] }
  expect(collect([report('a', broken)])).toMatchObject({ failed: 1, problems: ['a: x.test.ts: SyntaxError: x'] })
})

it('a test script without a test has failed', () => {
  expect(collect([report('a', { numTotalTests: 0, numPassedTests: 0 })])).toMatchObject({ passed: 0, failed: 1 })
})

it('reads the last closing line of a step', () => {
  expect(closingOf('1 passed, 0 failed\nnoise\n7 passed, 2 failed, 1 skipped\n')).toEqual({ passed: 7, failed: 2, skipped: 1 })
  expect(closingOf('nothing passed')).toBeUndefined()
})

it('a step that exits non-zero has failed, whatever it counted', () => {
  expect(countsOf(0, undefined)).toEqual({ passed: 1, failed: 0, skipped: 0 })
  expect(countsOf(1, undefined)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  expect(countsOf(1, { passed: 5, failed: 0, skipped: 0 })).toEqual({ passed: 5, failed: 1, skipped: 0 })
  expect(countsOf(1, { passed: 5, failed: 2, skipped: 0 })).toEqual({ passed: 5, failed: 2, skipped: 0 })
})

it('a failing step hides none of the others, and the sum closes the output', async () => {
  const printed: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => printed.push(String(chunk)) > 0)
  const step = (name: string, script: string) => ({ name, says: name, file: 'sh', args: ['-c', script], env: process.env })
  const code = await runSteps([
    step('a', 'echo "3 passed, 0 failed"'),
    step('b', 'exit 4'),
    step('c', 'true'),
    { ...step('d', ''), file: 'no-such' },
  ])
  vi.restoreAllMocks()
  expect(code).toBe(1)
  expect(printed.join('').trimEnd().split('\n').at(-1)).toBe('4 passed, 2 failed')
  expect(printed.join('')).toContain('exit code 4; repeat with: bash .ci/run b')
})
