import { expect, test } from 'vitest'
import { checkContexts } from '../../src/check/check.ts'
import { DEFAULT_CONFIG } from '../../src/config.ts'
import { fixContext } from '../../src/edit/fix.ts'
import { stubContext } from '../../src/edit/stub.ts'
import { EvidenceGraph } from '../../src/graph/graph.ts'
import { folderOf } from '../../src/model/locate.ts'
import { loadProject, PROJECTS } from '../corpus/load.ts'
import { contextText } from '../git-repository.ts'
import { memoryView } from '../memory-view.ts'

const PATH = 'app/CONTEXT.md'
const NAMES = ['EventStore', 'Query', 'Reader', 'Writer', 'closeStore', 'flush', 'openStore', 'verify']
const CODE = {
  'lib/store.ts': NAMES.map((name) => `export const ${name} = 1\n`).join(''),
  'lib/bus.ts': 'export default class Bus {}\nexport const tick = 1\n',
  'lib/effects.ts': 'export const unused = 1\n',
  'app/main.ts': [
    "import { openStore, Reader, type Query } from '../lib/store.ts'",
    "import Bus, { tick } from '../lib/bus.ts'",
    "import '../lib/effects.ts'",
  ].join('\n'),
}

const graphOf = (files: Readonly<Record<string, string>>) => new EvidenceGraph(memoryView(files), DEFAULT_CONFIG)

/** The text after a repair; a second one has to change nothing. */
async function repaired(text: string, files: Readonly<Record<string, string>> = CODE): Promise<string> {
  const once = await fixContext(graphOf({ ...files, [PATH]: text }), PATH, text, { add: false })
  expect(await fixContext(graphOf({ ...files, [PATH]: once }), PATH, once, { add: false })).toBe(once)
  return once
}

test.each([
  ['a renamed one in its place', 'Imports openStores, Reader from', 'Imports openStore, Reader from'],
  ['one that is gone by what else is imported', 'Imports Gone, Reader from', 'Imports Reader, Query, openStore from'],
  ['only those that are wrong', 'Imports type Query, Readers from', 'Imports type Query, Reader from'],
  ['in the style of the list', 'Imports `Gone`, `Reader` and `Query` from', 'Imports `Reader`, `Query` and `openStore` from'],
  ['a list with an Oxford comma', 'Imports openStores, Reader, and Query from', 'Imports openStore, Reader, and Query from'],
  [
    'and leaves the words around them',
    'imports  Readers  from (the port); Provides data to',
    'imports  Reader  from (the port); Provides data to',
  ],
])('fix puts wrong names right: %s', async (_name, before, after) => {
  const text = contextText(['../lib/store.ts', before], ['../lib/bus.ts', 'Imports Bus, tick from'])
  expect(await repaired(text)).toBe(text.replace(before, after))
})

test.each([['\n'], ['\r\n']])('fix rewrites the list of names and no other byte (%j)', async (eol) => {
  const text = contextText(['../lib/store.ts', 'Imports Gone from'], ['../lib/bus.ts', 'Imports Buss from'])
    .replace('Holds x.', 'Holds   x, \u{1F680} oddly.\t')
    .replaceAll('\n', eol)
  const fixed = await repaired(text)
  expect(fixed).toBe(
    text.replace('Imports Gone from', 'Imports Query, Reader, openStore from').replace('Imports Buss from', 'Imports Bus from'),
  )
  const report = await checkContexts(graphOf({ ...CODE, [PATH]: fixed }), { today: '2026-01-01', only: [PATH] })
  expect(report.totals).toMatchObject({ rows: 2, verified: 2 })
})

test('a row does not grow past six names, one that had more keeps its length; what another row says is not said twice', async () => {
  const files = { ...CODE, 'app/main.ts': `import { ${NAMES.join(', ')} } from '../lib/store.ts'\n` }
  const short = contextText(['../lib/store.ts', 'Imports Gone from'], ['../lib/store.ts', 'Imports Query, Reader from'])
  expect(await repaired(short, files)).toBe(
    short.replace('Imports Gone', 'Imports EventStore, Writer, closeStore, flush, openStore, verify'),
  )
  const long = contextText(['../lib/store.ts', 'Imports Gone, EventStore, Query, Reader, Writer, closeStore, flush from'])
  expect(await repaired(long, files)).toContain(
    '| Imports EventStore, Query, Reader, Writer, closeStore, flush, openStore from |',
  )
})

test.each(PROJECTS)('every row of %s whose names were spoilt is verified again after one repair', async (name, language) => {
  const { files } = loadProject(name, language)
  const folders = new Set(Object.keys(files).flatMap((path) => (/\/[^/]+\.(py|[jt]sx?)$/.test(path) ? [folderOf(path)] : [])))
  let spoilt = 0
  for (const folder of folders) {
    const path = `${folder}/CONTEXT.md`
    const text = (await stubContext(graphOf(files), path)).replace(/(?<=\| Imports )\w+(?=(?:, \w+)* from \|)/g, () => {
      spoilt++
      return 'GoneForGood'
    })
    const fixed = await fixContext(graphOf({ ...files, [path]: text }), path, text)
    expect(fixed).not.toContain('GoneForGood')
    const report = await checkContexts(graphOf({ ...files, [path]: fixed }), { today: '2026-01-01', only: [path] })
    expect(
      report.contexts[0]?.rows
        .filter((row) => row.verdict !== 'VERIFIED')
        .map(({ row }) => `${path} ${row.target} ${row.relation}`),
    ).toEqual([])
  }
  expect(spoilt).toBeGreaterThan(2)
})

test.each([
  ['nothing there is imported', '../lib/none.ts', 'Imports none from'],
  ['the module is imported for its effects alone', '../lib/effects.ts', 'Imports unused from'],
  ['the list is prose in part', '../lib/store.ts', 'Imports the `Gone` class from'],
  ['the row speaks of another file', '../lib/store.ts', 'Imports Gone from `../lib/bus.ts`'],
])('a row is left to a person when %s', async (_name, target, relation) => {
  const text = contextText([target, relation])
  const files = { ...CODE, 'lib/none.ts': 'export const none = 1\n' }
  const report = await checkContexts(graphOf({ ...files, [PATH]: text }), { today: '2026-01-01', only: [PATH] })
  expect(report.totals.contradicted).toBe(1)
  expect(await repaired(text, files)).toBe(text)
})

test('two paths in one cell share their words: neither is put right at the cost of the other', async () => {
  const text = contextText(['../lib/store.ts', 'Imports Reader from']).replace(
    '`../lib/store.ts`',
    '`../lib/store.ts`, `../lib/bus.ts`',
  )
  expect(await repaired(text)).toBe(text)
})

test('a path that moved and a name that changed with it are repaired at once', async () => {
  const text = contextText(['../old/store.ts', 'Imports openStores from'])
  expect(await repaired(text)).toBe(text.replace('../old/', '../lib/').replace('openStores', 'openStore'))
})

test('the suggestion for a wrong name is none the row already has', async () => {
  const text = contextText(['../lib/store.ts', 'Imports Readers, Reader from'])
  const report = await checkContexts(graphOf({ ...CODE, [PATH]: text }), { today: '2026-01-01', only: [PATH] })
  expect(report.findings.find((one) => one.rule === 'contradicted')?.hint).toBeNull()
})
