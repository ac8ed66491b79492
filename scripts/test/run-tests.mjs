import { createHash } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runChild } from '../bootstrap/child.mjs'
import { root } from '../bootstrap/places.mjs'
import { workspacePackages } from '../bootstrap/stamp.mjs'
import { closingLine, collect } from './results.mjs'

/** Where each package's vitest leaves its JSON report (see vitest.base.ts). */
const REPORT = 'test-results/vitest.json'

/**
 * All tests of all packages, through turbo's cache, then one closing line `N passed, N failed`.
 *
 * @param args `--faults` runs the heavy fault tests instead of the others (`VECTRA_FAULTS=quick` for their short form);
 *   everything else goes to turbo, e.g. `--filter=@vectra/schemas` or `--force`
 * @returns exit code: 0 only when every test passed and every package reported
 */
export async function runTests(chain, args) {
  const packages = workspacePackages()
    .filter(({ manifest }) => manifest.scripts?.test)
    .map(({ dir, manifest }) => ({ name: manifest.name, report: join(root, dir, REPORT) }))
  for (const { report } of packages) rmSync(report, { force: true })
  const faults = args.includes('--faults')
  const rest = args.filter((arg) => arg !== '--faults')
  // Fault tests fill disks and kill processes: one package at a time, and never from the cache.
  const how = faults ? ['--concurrency=1', '--force'] : ['--concurrency=2']
  const turbo = ['exec', 'turbo', 'run', 'test', '--continue', '--output-logs=new-only', ...how, ...rest]
  const options = { cwd: root, env: testEnv(chain, faults), stdio: ['ignore', 'inherit', 'inherit'] }
  const { code } = await runChild(chain.node, [chain.pnpm, ...turbo], options)
  const totals = collect(packages, { partial: faults || args.some((arg) => arg.startsWith('--filter')) })
  if (totals.passed + totals.failed === 0) {
    totals.failed = 1
    totals.problems.push(`no test ran (${['npm test --', ...args].join(' ')})`)
  }
  if (code !== 0 && totals.failed === 0) {
    totals.failed = 1
    totals.problems.push(`turbo ended with exit code ${code} though no test failed; its output above says why`)
  }
  process.stdout.write(totals.problems.map((problem) => `FAIL ${problem}\n`).join(''))
  process.stdout.write(`${closingLine(totals)}\n`)
  if (code > 128) return code
  return totals.failed === 0 ? 0 : 1
}

/** Environment of the tests; what may change a result is part of turbo's cache key (turbo.json lists the names). */
function testEnv(chain, faults) {
  const captures = resolve(process.env.VECTRA_CAPTURES ?? join(root, '..', 'shared', 'captures'))
  // With CI set, tests that need the captures fail when there are none. A runner that has none on purpose says so.
  const ci = process.env.VECTRA_CAPTURES_OPTIONAL ? undefined : process.env.CI
  return {
    ...chain.env,
    CI: ci,
    VECTRA_FAULTS: faults ? (process.env.VECTRA_FAULTS ?? 'full') : undefined,
    VECTRA_TEST_REPORT: REPORT,
    VECTRA_CAPTURES: captures,
    VECTRA_CAPTURES_STATE: fingerprint(captures),
    VECTRA_NODE: chain.nodeVersion,
  }
}

/** Names, sizes and times of the capture files: other captures, other test results. */
function fingerprint(dir) {
  if (!existsSync(dir)) return 'absent'
  const digest = createHash('sha256')
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()) {
    const { size, mtimeMs } = statSync(join(dir, name))
    digest.update(`${name} ${size} ${Math.round(mtimeMs)}\n`)
  }
  return digest.digest('hex').slice(0, 16)
}
