import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { DEFAULT_CONFIG } from '../src/config.ts'
import { EvidenceGraph } from '../src/graph/graph.ts'
import { foldersOf, type RepoView } from '../src/view/view.ts'
import { corpusFolder } from './oracles/corpora.ts'

const everything = { ...DEFAULT_CONFIG, exclude: [], tests: [] }

/** A view of one folder as it is: nothing is ignored here, unlike in a repository. */
function folderView(root: string): RepoView {
  const paths = new Set(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  )
  return {
    root,
    kind: 'worktree',
    paths,
    folders: foldersOf(paths),
    read: async (path) => readFileSync(join(root, path)),
    blobId: () => undefined,
    [Symbol.asyncDispose]: async () => {},
  }
}

test('Python imports and edges equal those of CPython ast on at least 300 files', async ({ skip }) => {
  const root = corpusFolder('python')
  if (root === null) return skip('the Python corpus is not here')
  const script = fileURLToPath(new URL('./oracles/ast_imports.py', import.meta.url))
  const oracle = JSON.parse(execFileSync('python3', [script, root], { encoding: 'utf8', maxBuffer: 1 << 28 })) as Record<
    string,
    { statements: [number, number, string, string][]; edges: string[] }
  >
  let statements = 0
  let edges = 0
  const wrong: string[] = []
  // Each wheel is its own root, as it is once installed.
  for (const wheel of readdirSync(root)) {
    const graph = new EvidenceGraph(folderView(join(root, wheel)), everything)
    for (const path of graph.sources) {
      const expected = oracle[`${wheel}/${path}`]
      if (expected === undefined || !path.endsWith('.py')) continue
      const facts = await graph.facts(path)
      const mine = (facts?.imports ?? [])
        .filter((one) => one.kind === 'static')
        .flatMap((one) =>
          one.names.map((name) =>
            [one.line, /^\.*/.exec(one.specifier)![0].length, one.specifier.replace(/^\.+/, ''), name.name].join(' '),
          ),
        )
        .sort()
      const theirs = expected.statements.map((one) => one.join(' ')).sort()
      statements += theirs.length
      if (JSON.stringify(mine) !== JSON.stringify(theirs))
        wrong.push(`${wheel}/${path} statements: ${JSON.stringify(difference(mine, theirs))}`)
      const own = [
        ...new Set(
          (await graph.edges(path))
            .filter((edge) => edge.kind === 'static' && edge.to !== null && edge.to !== path)
            .map((edge) => `${wheel}/${edge.to}`),
        ),
      ].sort()
      edges += expected.edges.length
      if (JSON.stringify(own) !== JSON.stringify(expected.edges))
        wrong.push(`${wheel}/${path} edges: ${JSON.stringify(difference(own, expected.edges))}`)
    }
  }
  process.stderr.write(
    `Python oracle: ${Object.keys(oracle).length} files, ${statements} imported names, ${edges} edges, ${wrong.length} differences\n${wrong.slice(0, 20).join('\n')}\n`,
  )
  expect(Object.keys(oracle).length).toBeGreaterThanOrEqual(300)
  expect(wrong).toEqual([])
}, 120_000)

test('TypeScript edges equal those of dependency-cruiser, at least 99 %', async ({ skip }) => {
  const root = corpusFolder('typescript')
  if (root === null) return skip('the TypeScript corpus is not here')
  let shared = 0
  let union = 0
  const wrong: string[] = []
  for (const name of readdirSync(root)) {
    const base = join(root, name)
    const graph = new EvidenceGraph(folderView(base), everything)
    const theirs = new Set(cruised(base))
    const mine = new Set<string>()
    for (const path of graph.sources.filter((one) => one.startsWith('src/'))) {
      for (const edge of await graph.edges(path))
        if (edge.to?.startsWith('src/') === true && edge.specifier.startsWith('.')) mine.add(`${path} ${edge.to}`)
    }
    for (const edge of new Set([...mine, ...theirs])) {
      union++
      if (mine.has(edge) && theirs.has(edge)) shared++
      else wrong.push(`${name}: ${mine.has(edge) ? 'only here' : 'only dependency-cruiser'}: ${edge}`)
    }
  }
  process.stderr.write(
    `TypeScript oracle: ${union} edges, ${shared} shared (${((100 * shared) / union).toFixed(2)} %)\n${wrong.slice(0, 20).join('\n')}\n`,
  )
  expect(union).toBeGreaterThan(2000)
  expect(shared / union).toBeGreaterThanOrEqual(0.99)
}, 300_000)

/**
 * Relative edges inside `src`. A package that imports itself by name (`zod/v3`) is left out on both sides: dependency-cruiser
 * follows `exports` to the built file, this package to the source it was built from.
 *
 * As dependency-cruiser's own command prints them.
 */
function cruised(base: string): string[] {
  const cli = fileURLToPath(new URL('../node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', import.meta.url))
  const config = fileURLToPath(new URL('./oracles/dependency-cruiser.json', import.meta.url))
  const output = execFileSync(process.execPath, [cli, '--config', config, '--output-type', 'json', 'src'], {
    cwd: base,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const { modules } = JSON.parse(output) as {
    modules: { source: string; dependencies: { resolved: string; module: string; couldNotResolve: boolean }[] }[]
  }
  return modules.flatMap((module) =>
    /^src\/.*\.[cm]?[jt]sx?$/.test(module.source)
      ? module.dependencies
          .filter(
            (one) =>
              !one.couldNotResolve && one.resolved.startsWith('src/') && /^[./]/.test(one.module) && !/^\/\//.test(one.module),
          )
          .map((one) => `${module.source} ${one.resolved}`)
      : [],
  )
}

function difference(a: readonly string[], b: readonly string[]): { extra: string[]; lacking: string[] } {
  return { extra: a.filter((one) => !b.includes(one)).slice(0, 3), lacking: b.filter((one) => !a.includes(one)).slice(0, 3) }
}
