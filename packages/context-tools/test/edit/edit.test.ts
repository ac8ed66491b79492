import { expect, test } from 'vitest'
import { checkContexts } from '../../src/check/check.ts'
import { DEFAULT_CONFIG } from '../../src/config.ts'
import { fixContext } from '../../src/edit/fix.ts'
import { reviewContext } from '../../src/edit/review.ts'
import { stubContext } from '../../src/edit/stub.ts'
import { EvidenceGraph } from '../../src/graph/graph.ts'
import { loadProject, PROJECTS } from '../corpus/load.ts'
import { contextText } from '../git-repository.ts'
import { memoryView } from '../memory-view.ts'

const graphOf = (files: Record<string, string>) => new EvidenceGraph(memoryView(files), DEFAULT_CONFIG)

const CODE = {
  'lib/bus.py': '"""Carries events between parts. More words."""\nclass Bus: pass\n',
  'lib/new place/store.py': 'def save(x): pass\n',
  'app/main.py': '"""Starts everything. Really."""\nfrom lib.bus import Bus\nfrom lib.other import thing\n\ndef main(): Bus()\n',
  'lib/other.py': 'thing = 1\n',
}

test('a stub states the graph: no TODO, every row verified, a second stub changes nothing', async () => {
  for (const [name, language] of PROJECTS) {
    const { files } = loadProject(name, language)
    for (const folder of new Set(
      Object.keys(files)
        .filter((path) => /\.(py|[jt]sx?)$/.test(path))
        .map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/')))),
    )) {
      const path = folder === '' ? 'CONTEXT.md' : `${folder}/CONTEXT.md`
      const text = await stubContext(graphOf(files), path)
      const all = { ...files, [path]: text }
      const report = await checkContexts(graphOf(all), { today: '2026-01-01', only: [path], incoming: false })
      expect(
        report.contexts[0]?.rows
          .filter((row) => row.verdict !== 'VERIFIED')
          .map((row) => `${name}/${path} ${row.row.target} ${row.row.relation} ${row.verdict}`),
      ).toEqual([])
      expect(report.contexts[0]?.omitted).toEqual([])
      expect(report.findings.filter((one) => one.level === 'error')).toEqual([])
      expect(await stubContext(graphOf(all), path, text)).toBe(text)
    }
  }
})

test('a stub takes its purpose from the docstring and its rows from the imports', async () => {
  const text = await stubContext(graphOf(CODE), 'app/CONTEXT.md')
  expect(text).toContain('Starts everything.')
  expect(text).toContain('| `../lib/bus.py` | Imports Bus from |')
  expect(text).not.toMatch(/TODO|\$\(/)
})

test('an existing file only gains the sections it lacks', async () => {
  const before = '# app Context\n\n## Purpose\nMine, untouched.  \n\n## Notes\n\n* own *words*\n'
  const after = await stubContext(graphOf(CODE), 'app/CONTEXT.md', before)
  expect(after.startsWith(before.trimEnd())).toBe(true)
  expect(after).toContain('## Related Scripts')
  expect(await stubContext(graphOf(CODE), 'app/CONTEXT.md', after)).toBe(after)
})

test.each([['\n'], ['\r\n']])(
  'fix repairs a moved path, adds missing edges and boxes, and moves nothing else (%j)',
  async (eol) => {
    const written = contextText(['../old/store.py', 'Provides data to'], ['../lib/bus.py', 'Imports Bus from'])
      .replace('Holds x.', 'Holds   x,  oddly spaced.\t')
      .replace('- [ ] Tests written', '* [X] Relationships verified')
      .replaceAll('\n', eol)
    const files = { ...CODE, 'app/CONTEXT.md': written }
    const fixed = await fixContext(graphOf(files), 'app/CONTEXT.md', written)
    expect(fixed).toBe(
      written
        .replace('`../old/store.py`', '`../lib/new place/store.py`')
        .replace(`| Imports Bus from |${eol}`, `| Imports Bus from |${eol}| \`../lib/other.py\` | Imports thing from |${eol}`)
        .replace('[X]', '[ ]'),
    )
    expect(await fixContext(graphOf({ ...files, 'app/CONTEXT.md': fixed }), 'app/CONTEXT.md', fixed)).toBe(fixed)
  },
)

test('fix follows a rename git knows of, and leaves an ambiguous path alone', async () => {
  const text = contextText(['../lib/gone.py', 'Imports thing from'])
  const files = { ...CODE, 'app/CONTEXT.md': text }
  expect(
    await fixContext(graphOf(files), 'app/CONTEXT.md', text, { renames: new Map([['lib/gone.py', 'lib/other.py']]), add: false }),
  ).toContain('`../lib/other.py`')
  const two = { ...CODE, 'a/same.py': '', 'b/same.py': '' }
  const dead = contextText(['../c/same.py', 'Imports from'])
  expect(await fixContext(graphOf(two), 'app/CONTEXT.md', dead, { add: false })).toContain('`../c/same.py`')
})

test('prune rewords a wrong symbol and deletes a row nothing bears out', async () => {
  const text = contextText(
    ['../lib/bus.py', 'Imports Wrong from'],
    ['../lib/other.py', 'Inherits from'],
    ['../lib/other.py', 'Imports thing from'],
  )
  const fixed = await fixContext(graphOf({ ...CODE, 'app/CONTEXT.md': text }), 'app/CONTEXT.md', text, { prune: true })
  expect(fixed).toBe(
    text.replace('Imports Wrong from', 'Imports Bus from').replace('| `../lib/other.py` | Inherits from |\n', ''),
  )
})

test("prune leaves a line of which a part is true: that is a person's to mend", async () => {
  const text = contextText(
    ['../lib/bus.py', 'Imports Bus from; Inherits from'],
    ['../lib/other.py', 'Imports thing from'],
  ).replace('`../lib/other.py`', '`../lib/other.py`, `../lib/new place/store.py`')
  const fixed = await fixContext(graphOf({ ...CODE, 'app/CONTEXT.md': text }), 'app/CONTEXT.md', text, { prune: true })
  expect(fixed).toBe(text)
})

test('a file without the section gets the table where the template has it', async () => {
  const text = '# app\n\n## Purpose\nX.\n\n## Status\n- [ ] Tests written\n'
  const fixed = await fixContext(graphOf({ ...CODE, 'app/CONTEXT.md': text }), 'app/CONTEXT.md', text)
  expect(fixed.indexOf('## Related Scripts')).toBeGreaterThan(fixed.indexOf('## Purpose'))
  expect(fixed.indexOf('## Related Scripts')).toBeLessThan(fixed.indexOf('## Status'))
  expect(await fixContext(graphOf({ ...CODE, 'app/CONTEXT.md': fixed }), 'app/CONTEXT.md', fixed)).toBe(fixed)
})

test('a review is recorded once and replaced by the next', async () => {
  const text = contextText()
  const once = await reviewContext(graphOf({ ...CODE, 'app/CONTEXT.md': text }), 'app/CONTEXT.md', text)
  expect(once).toMatch(/<!-- vectra-context reviewed: main\.py=[0-9a-f]{12} -->\n$/)
  expect(await reviewContext(graphOf({ ...CODE, 'app/CONTEXT.md': once }), 'app/CONTEXT.md', once)).toBe(once)
})
