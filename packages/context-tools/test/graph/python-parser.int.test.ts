import { expect, test } from 'vitest'
import { DEFAULT_CONFIG } from '../../src/config.ts'
import { DEFAULT_BUS } from '../../src/graph/facts.ts'
import { EvidenceGraph } from '../../src/graph/graph.ts'
import { extractPython, loadPython } from '../../src/graph/python.ts'
import { PythonParser } from '../../src/graph/python-parser.ts'
import { memoryView } from '../memory-view.ts'

const text = (at: number): string =>
  `"""Module ${at}."""\nfrom .m${at + 1} import Thing${at + 1} as Other\n\nclass Thing${at}(Other):\n    def run(self):\n        bus.emit('tick${at}')\n`

test('a thread of its own gives the facts that this thread gives, in any order', async () => {
  await loadPython()
  const parser = new PythonParser()
  parser.expectMany()
  try {
    const facts = await Promise.all(Array.from({ length: 60 }, (_value, at) => parser.facts(`m${at}.py`, text(at), DEFAULT_BUS)))
    expect(facts).toEqual(Array.from({ length: 60 }, (_value, at) => extractPython(`m${at}.py`, text(at), DEFAULT_BUS)))
  } finally {
    parser.close()
  }
})

test('a thread that ends early leaves no question unanswered', async () => {
  const parser = new PythonParser()
  parser.expectMany()
  const pending = Array.from({ length: 20 }, (_value, at) => parser.facts(`m${at}.py`, text(at), DEFAULT_BUS))
  parser.close()
  const facts = await Promise.all(pending)
  expect(facts.map((one) => one.classes[0]?.name)).toEqual(Array.from({ length: 20 }, (_value, at) => `Thing${at}`))
  expect((await parser.facts('later.py', text(7), DEFAULT_BUS)).classes[0]?.name).toBe('Thing7')
})

test('a graph that reads many Python files ahead has the edges of one that reads them one by one', async () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_value, at) => [`pkg/m${at}.py`, text(at)]))
  const ahead = new EvidenceGraph(memoryView(files), DEFAULT_CONFIG)
  const slow = new EvidenceGraph(memoryView(files), DEFAULT_CONFIG)
  await ahead.loadAll()
  for (const path of slow.sources) expect(await ahead.edges(path)).toEqual(await slow.edges(path))
  ahead.close()
})
