import { expect, test } from 'vitest'
import { checkContexts } from '../src/check/check.ts'
import type { Verdict } from '../src/check/types.ts'
import { DEFAULT_CONFIG } from '../src/config.ts'
import { EvidenceGraph } from '../src/graph/graph.ts'
import { contextsOf, loadProject, PROJECTS } from './corpus/load.ts'
import { memoryView } from './memory-view.ts'

interface Outcome {
  readonly project: string
  readonly language: string
  readonly label: string
  readonly verdict: Verdict
  readonly text: string
}

async function judgeAll(projects: readonly (readonly [string, 'typescript' | 'python'])[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [name, language] of projects) {
    const project = loadProject(name, language)
    const graph = new EvidenceGraph(memoryView({ ...project.files, ...contextsOf(project.rows) }), DEFAULT_CONFIG)
    const report = await checkContexts(graph, { today: '2026-01-01' })
    const verdicts = new Map<string, { verdict: Verdict; reason: string }>()
    for (const context of report.contexts) {
      for (const { row, verdict, judgements } of context.rows) {
        verdicts.set(`${context.file.path}|${row.target}|${row.relation}`, {
          verdict,
          reason: judgements.map((one) => one.judgement.reason).join('; '),
        })
      }
    }
    for (const row of project.rows) {
      const key = `${row.context}|${row.target}|${row.relation}`
      const found = verdicts.get(key)
      if (found === undefined) throw new Error(`row was not read: ${key}`)
      outcomes.push({ project: name, language, label: row.label, verdict: found.verdict, text: `${key}: ${found.reason}` })
    }
  }
  return outcomes
}

test('verdicts over the labelled corpus: at least 300 rows, precision 0.98, recall 0.95', async () => {
  const outcomes = await judgeAll(PROJECTS)
  const wrong = outcomes.filter((one) => one.verdict !== one.label)
  for (const one of wrong) process.stderr.write(`labelled ${one.label}, judged ${one.verdict}: ${one.project}/${one.text}\n`)
  const definite = outcomes.filter((one) => one.verdict !== 'UNVERIFIABLE')
  const right = definite.filter((one) => one.verdict === one.label)
  const precision = right.length / definite.length
  const recall = right.length / outcomes.length
  process.stderr.write(
    `labelled rows ${outcomes.length} (${outcomes.filter((one) => one.language === 'python').length} Python), precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}\n`,
  )
  expect(outcomes.length).toBeGreaterThanOrEqual(300)
  // What the README publishes: a change that judges one more row wrongly has to be meant.
  expect(wrong.length).toBeLessThanOrEqual(4)
  expect(precision).toBeGreaterThanOrEqual(0.98)
  expect(recall).toBeGreaterThanOrEqual(0.95)
})

test('a project written after the tool was done, and read once: every verdict is the label', async () => {
  const outcomes = await judgeAll([['chat', 'python']])
  expect(outcomes.length).toBeGreaterThan(50)
  expect(outcomes.filter((one) => one.verdict !== one.label).map((one) => one.text)).toEqual([])
})
