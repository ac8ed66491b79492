#!/usr/bin/env node
// `pnpm bench` runs every bench/*.bench.ts and writes what they print to docs/benchmarks.md.
// `pnpm bench --quick` runs them in their short form (each gets --quick) and writes nothing: it proves that they run.
// `pnpm bench decode` runs those whose path contains the word, and replaces only their sections.
//
// A benchmark is a script: results on stdout, progress on stderr, exit code 1 when it misses the target it states.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { mergeSections, sectionOf } from './bench/report.mjs'
import { root } from './bootstrap/places.mjs'
import { workspacePackages } from './bootstrap/stamp.mjs'
import { toolchain } from './bootstrap/toolchain.mjs'
import { outputOf } from './output-of.mjs'
import { tally } from './tally.mjs'

const REPORT = join(root, 'docs', 'benchmarks.md')
const QUICK = process.argv.includes('--quick')
const words = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))

const chain = toolchain()
const benches = workspacePackages()
  .flatMap(({ dir }) => {
    const folder = join(root, dir, 'bench')
    const names = existsSync(folder) ? readdirSync(folder).sort() : []
    return names.filter((name) => name.endsWith('.bench.ts')).map((name) => ({ dir, path: `${dir}/bench/${name}` }))
  })
  .filter(({ path }) => words.length === 0 || words.some((word) => path.includes(word)))

const results = tally()
// A benchmark that shares its two cores with something else says so.
const [before = 0] = loadavg()
const sections = new Map()
for (const { dir, path } of benches) {
  const started = performance.now()
  await results.check(path, async () => {
    const args = [
      '--conditions=@vectra/source',
      '--disable-warning=ExperimentalWarning',
      join(root, path),
      ...(QUICK ? ['--quick'] : []),
    ]
    const section = (printed) => sections.set(path, sectionOf(path, readFileSync(join(root, path), 'utf8'), printed))
    const printed = await outputOf(chain.node, args, { cwd: join(root, dir), env: chain.env }).catch((error) => {
      // A missed target is a result, too: it is written down, and fails the command.
      if (typeof error.stdout === 'string' && error.stdout.trim() !== '')
        section(`${error.stdout.trimEnd()}\n\nIt missed a target that it states.\n`)
      throw error
    })
    if (printed.trim() === '') throw new Error('printed no result')
    process.stdout.write(printed)
    section(printed)
  })
  process.stdout.write(`     ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}
if (benches.length === 0) await results.check('benchmarks', () => Promise.reject(new Error('no bench/*.bench.ts found')))

if (!QUICK && sections.size > 0) {
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${chain.nodeVersion}, load ${before.toFixed(1)} when it began`
  const report = existsSync(REPORT) ? readFileSync(REPORT, 'utf8') : ''
  writeFileSync(REPORT, mergeSections(report, sections, { machine, date: new Date().toISOString().slice(0, 10) }))
}
process.exitCode = results.close()
