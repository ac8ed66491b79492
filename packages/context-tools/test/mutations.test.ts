import { expect, test } from 'vitest'
import { checkContexts } from '../src/check/check.ts'
import type { Verdict } from '../src/check/types.ts'
import { DEFAULT_CONFIG } from '../src/config.ts'
import { memoryCache } from '../src/graph/facts-cache.ts'
import { EvidenceGraph } from '../src/graph/graph.ts'
import { folderOf, joinPath } from '../src/model/locate.ts'
import { type CorpusProject, contextsOf, type LabelledRow, loadProject, PROJECTS } from './corpus/load.ts'
import { memoryView } from './memory-view.ts'

interface Mutation {
  readonly kind: 'deleted file' | 'renamed file' | 'moved file' | 'removed import' | 'changed base class' | 'renamed event'
  readonly row: LabelledRow
  readonly files: Record<string, string>
}

const cache = memoryCache()

async function verdictOf(
  files: Readonly<Record<string, string>>,
  row: LabelledRow,
): Promise<{ verdict: Verdict; ok: boolean; reason: string }> {
  const graph = new EvidenceGraph(memoryView({ ...files, ...contextsOf([row]) }), DEFAULT_CONFIG, cache)
  const report = await checkContexts(graph, { today: '2026-01-01', only: [row.context] })
  const found = report.contexts.find((one) => one.file.path === row.context)?.rows[0]
  return { verdict: found!.verdict, ok: report.ok, reason: found!.judgements.map((one) => one.judgement.reason).join('; ') }
}

/** Small deterministic choice, so that a failure can be repeated. */
function seeded(seed: number): (most: number) => number {
  let state = seed
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
}

function mutationsOf(project: CorpusProject, pick: (most: number) => number): Mutation[] {
  const all: Mutation[] = []
  for (const row of project.rows.filter((one) => one.label === 'VERIFIED')) {
    const target = joinPath(folderOf(row.context), row.target)
    if (target !== null && row.target.startsWith('.') && target in project.files)
      all.push(fileMutation(project, row, target, pick))
    const inside = (path: string) =>
      row.context.endsWith('/CONTEXT.md')
        ? path.startsWith(`${folderOf(row.context)}/`)
        : path.startsWith(row.context.replace(/CONTEXT\.md$/, ''))
    const edit = (kind: Mutation['kind'], change: (text: string, path: string) => string): void => {
      const files = Object.fromEntries(Object.entries(project.files).map(([path, text]) => [path, change(text, path)]))
      if (JSON.stringify(files) !== JSON.stringify(project.files)) all.push({ kind, row, files })
    }
    const named = /^Imports (.+) from/.exec(row.relation)?.[1]?.split(/\s*(?:,|and)\s*/)
    const name = named?.[pick(named.length)]?.replaceAll('`', '')
    if (name !== undefined && name !== '')
      edit('removed import', (text, path) => (inside(path) ? withoutImport(text, name) : text))
    const structural = Object.entries(project.files).some(([path, text]) => inside(path) && text.includes(' satisfies '))
    if (/^(Inherits|Implements)/.test(row.relation) && !structural)
      edit('changed base class', (text, path) => (inside(path) ? withOtherBases(text) : text))
    const event = /[`']([\w./]+)[`'] (?:events )?(?:from|to)$/.exec(row.relation)?.[1]
    if (event !== undefined)
      edit('renamed event', (text) => text.replaceAll(`'${event}'`, `'${event}.v2'`).replaceAll(`"${event}"`, `"${event}.v2"`))
  }
  return all
}

function fileMutation(project: CorpusProject, row: LabelledRow, target: string, pick: (most: number) => number): Mutation {
  const files = { ...project.files }
  const text = files[target]!
  delete files[target]
  const way = pick(3)
  if (way === 0) return { kind: 'deleted file', row, files }
  const renamed = way === 1 ? target.replace(/([^/]+)(\.\w+)$/, 'renamed_$1$2') : target.replace(/([^/]+)$/, 'moved_here/$1')
  return { kind: way === 1 ? 'renamed file' : 'moved file', row, files: { ...files, [renamed]: text } }
}

/** Drops a name from every import, export list and member use; a statement left empty goes with it. */
function withoutImport(text: string, name: string): string {
  return text
    .split('\n')
    .map((line) => {
      if (!/\b(import|require)\b|\bexport\b.*\bfrom\b/.test(line)) return line.replace(new RegExp(`\\.${name}\\b`, 'g'), '.gone')
      if (!new RegExp(`\\b${name}\\b`).test(line) && !/import \*$|^export \* from/.test(line)) return line
      if (/^\s*from \S+ import \*/.test(line)) return 'pass'
      if (/^export \* from/.test(line)) return ''
      const python = /^(\s*from \S+ import )(.*)$/.exec(line)
      if (python !== null && new RegExp(`(^|,\\s*)${name}\\b`).test(python[2]!)) {
        const rest = python[2]!.split(/,\s*/).filter((part) => part.split(' ')[0] !== name)
        return rest.length === 0 ? 'pass' : python[1]! + rest.join(', ')
      }
      if (/[{,]/.test(line) && new RegExp(`[{,]\\s*(?:type )?${name}\\b`).test(line))
        return line.replace(new RegExp(`\\b(?:type )?${name}\\b(?: as \\w+)?,?\\s*`), '')
      return ''
    })
    .join('\n')
}

/** Gives every class another base. Objects are left alone: without their annotation they still have the interface's shape. */
function withOtherBases(text: string): string {
  return text.replace(/\b(extends|implements) [\w.]+/g, '$1 Elsewhere').replace(/^class (\w+)\(.*\):/gm, 'class $1(Elsewhere):')
}

test('at least 200 seeded mutations of the code: every one turns its row CONTRADICTED', async () => {
  const pick = seeded(20260101)
  const missed: string[] = []
  const unsure: string[] = []
  const count = new Map<string, number>()
  for (const [name, language] of PROJECTS) {
    const project = loadProject(name, language)
    for (const mutation of mutationsOf(project, pick)) {
      const { verdict, ok, reason } = await verdictOf(mutation.files, mutation.row)
      count.set(mutation.kind, (count.get(mutation.kind) ?? 0) + 1)
      const text = `${mutation.kind}: ${name}/${mutation.row.context} ${mutation.row.target} ${mutation.row.relation}: ${reason}`
      if (verdict === 'VERIFIED' || (verdict === 'CONTRADICTED' && ok)) missed.push(text)
      else if (verdict === 'UNVERIFIABLE') unsure.push(text)
    }
  }
  const total = [...count.values()].reduce((sum, one) => sum + one, 0)
  for (const text of missed) process.stderr.write(`missed ${text}\n`)
  for (const text of unsure) process.stderr.write(`unsure ${text}\n`)
  process.stderr.write(
    `mutations ${total} (${[...count].map(([kind, n]) => `${n} ${kind}`).join(', ')}): missed ${missed.length}, unsure ${unsure.length}\n`,
  )
  expect(total).toBeGreaterThanOrEqual(200)
  expect(missed).toEqual([])
  expect(unsure.length / total).toBeLessThanOrEqual(0.05)
}, 120_000)
