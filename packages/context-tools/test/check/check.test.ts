import { expect, test } from 'vitest'
import { contextHash } from '../../src/check/boxes.ts'
import { type CheckOptions, checkContexts } from '../../src/check/check.ts'
import { parseBaseline, printBaseline } from '../../src/check/policy.ts'
import { DEFAULT_CONFIG, parseConfig } from '../../src/config.ts'
import { reviewContext } from '../../src/edit/review.ts'
import { EvidenceGraph } from '../../src/graph/graph.ts'
import { contextOf } from '../../src/model/locate.ts'
import { printText } from '../../src/output/text.ts'
import { contextText } from '../git-repository.ts'
import { memoryView } from '../memory-view.ts'

const CODE = {
  'lib/bus.ts': 'export class Bus { on(name: string, fn: () => void) {} emit(name: string, x?: unknown) {} }\n',
  'lib/types.ts': 'export interface Row { a: number }\n',
  'app/main.ts':
    "import { Bus } from '../lib/bus.ts'\nimport type { Row } from '../lib/types.ts'\nexport function start(bus: Bus, row: Row) { bus.emit('tick', row) }\n",
  'app/main.test.ts': "import { start } from './main.ts'\nstart(null as never, { a: 1 })\n",
}

async function check(files: Record<string, string>, options: Partial<CheckOptions> = {}, config = DEFAULT_CONFIG) {
  return checkContexts(new EvidenceGraph(memoryView(files), config), { today: '2026-01-01', ...options })
}

const rules = (report: Awaited<ReturnType<typeof check>>) =>
  report.findings.map((finding) => `${finding.level} ${finding.rule} ${finding.path}`)

test('a folder without CONTEXT.md is an error, a test or config file needs none', async () => {
  const report = await check({ ...CODE, 'lib/CONTEXT.md': contextText(), 'vite.config.ts': '', 'e2e/x.ts': '' })
  expect(rules(report)).toContain('error missing-context app/CONTEXT.md')
  expect(report.totals.missing).toBe(1)
  expect(report.ok).toBe(false)
})

test('the file form covers its file, and wins over the folder form', async () => {
  const report = await check({
    ...CODE,
    'app/main.CONTEXT.md': contextText(['../lib/bus.ts', 'Publishes events to']),
    'lib/CONTEXT.md': contextText(),
  })
  expect(report.totals).toMatchObject({ missing: 0, verified: 1 })
  expect(report.contexts.find((one) => one.file.form === 'file')?.omitted.map((edge) => edge.path)).toEqual(['lib/types.ts'])
})

test('of two forms the one nearest to the file answers: name.CONTEXT.md, name.ext.CONTEXT.md, then the folder', () => {
  const all = ['app/main.CONTEXT.md', 'app/main.ts.CONTEXT.md', 'app/CONTEXT.md', 'CONTEXT.md']
  const answer = (held: readonly string[]) => contextOf('app/main.ts', (path) => held.includes(path))
  expect(all.map((_path, at) => answer(all.slice(at)))).toEqual([all[0], all[1], all[2], null])
})

test('strict: what cannot be verified fails, by configuration', async () => {
  const files = { ...CODE, 'lib/CONTEXT.md': contextText(), 'app/CONTEXT.md': contextText(['../lib/bus.ts', 'Knows of']) }
  expect((await check(files)).ok).toBe(true)
  expect(rules(await check(files, {}, parseConfig('{ "strict": true }')))).toContain('error unverifiable app/CONTEXT.md')
})

test('calls that publish or subscribe can be named in the configuration', async () => {
  const files = {
    'lib/wire.ts': 'export class Wire {}\n',
    'lib/CONTEXT.md': contextText(),
    'app/main.ts':
      "import { Wire } from '../lib/wire.ts'\nconst wire = new Wire()\nwire.shout('tick', 1)\nwire.overhear('tock', () => {})\n",
    'app/CONTEXT.md': contextText(
      ['../lib/wire.ts', 'Publishes `tick` events to'],
      ['../lib/wire.ts', 'Subscribes to `tock` events from'],
    ),
  }
  const verdicts = async (config: string) =>
    (await check(files, { only: ['app'] }, parseConfig(config))).contexts[0]?.rows.map((row) => row.verdict)
  expect(await verdicts('{}')).toEqual(['CONTRADICTED', 'CONTRADICTED'])
  expect(await verdicts('{ "bus": { "publish": ["shout"], "subscribe": ["overhear"] } }')).toEqual(['VERIFIED', 'VERIFIED'])
})

test('omitted edges are ranked: values before types, with file and line', async () => {
  const report = await check({ ...CODE, 'app/CONTEXT.md': contextText(), 'lib/CONTEXT.md': contextText() })
  const [app, lib] = report.contexts
  expect(app?.omitted).toMatchObject([
    { direction: 'out', path: 'lib/bus.ts', names: ['Bus'], typeOnly: false, evidence: [{ path: 'app/main.ts', line: 1 }] },
    { direction: 'out', path: 'lib/types.ts', typeOnly: true },
  ])
  expect(lib?.omitted).toMatchObject([{ direction: 'in', path: 'app/main.ts' }])
})

test('omitted edges: three values weigh more than four types, a base class more than both', async () => {
  const report = await check({
    'lib/values.ts': 'export const a = 1, b = 2, c = 3\n',
    'lib/types.ts': 'export type A = 1\nexport type B = 1\nexport type C = 1\nexport type D = 1\n',
    'lib/base.ts': 'export class Base {}\n',
    'app/main.ts':
      "import type { A, B, C, D } from '../lib/types.ts'\nimport { a, b, c } from '../lib/values.ts'\nimport { Base } from '../lib/base.ts'\nexport class Main extends Base {}\n",
    'app/CONTEXT.md': contextText(),
  })
  const out = report.contexts[0]?.omitted.filter((edge) => edge.direction === 'out')
  expect(out?.map(({ path, weight }) => [path, weight])).toEqual([
    ['lib/base.ts', 7],
    ['lib/values.ts', 6],
    ['lib/types.ts', 4],
  ])
})

test('a source above the limit is not read, and the report says so', async () => {
  const report = await check({
    'app/huge.ts': `import { Bus } from '../lib/bus.ts'\n// ${'x'.repeat(2 * 1024 * 1024)}\n`,
    'app/CONTEXT.md': contextText(),
  })
  expect(report.skipped).toEqual(['app/huge.ts'])
  expect(report.contexts[0]?.omitted).toEqual([])
  expect(printText(report)).toMatch(/; 1 file too large or binary to read: app\/huge\.ts$/m)
})

test('data flow: real edges pass, an arrow between strangers is a lie, loose words stay open', async () => {
  const flow = (text: string) => contextText(['../lib/bus.ts', 'Imports Bus from']).replace('this module\n', `${text}\n`)
  const report = await check({
    ...CODE,
    'lib/CONTEXT.md': contextText(),
    'app/CONTEXT.md': flow('this module → [Bus] → the moon'),
    'other/x.ts': 'export const x = 1\n',
    'other/CONTEXT.md': flow('../app/main.ts → this module → ../gone.ts').replace(/^\|.*bus\.ts.*\n/m, ''),
  })
  expect(report.contexts.find((one) => one.file.subject === 'app')?.arrows.map((one) => one.verdict)).toEqual([
    'VERIFIED',
    'UNVERIFIABLE',
  ])
  expect(report.contexts.find((one) => one.file.subject === 'other')?.arrows.map((one) => [one.verdict, one.reason])).toEqual([
    ['CONTRADICTED', 'no import, call or event joins ../app/main.ts and this module'],
    ['CONTRADICTED', '../gone.ts does not exist'],
  ])
})

test('status boxes are computed, never trusted', async () => {
  const status = (boxes: string) =>
    contextText(['../lib/bus.ts', 'Imports Bus from'], ['../lib/types.ts', 'Imports Row from']).replace(
      '- [ ] Tests written\n',
      boxes,
    )
  const text = status('- [x] Tests written\n- [x] Indexed to LanceDB\n- [x] Relationships verified\n')
  const files = { ...CODE, 'lib/CONTEXT.md': contextText().replace('[ ]', '[x]'), 'app/CONTEXT.md': text }
  const report = await check(files, { index: { hashOf: () => contextHash('an older text') } })
  const computed = (subject: string) =>
    report.contexts.find((one) => one.file.subject === subject)?.boxes.map((one) => [one.box.kind, one.computed])
  expect(computed('app')).toEqual([
    ['tests', true],
    ['indexed', false],
    ['relationships', true],
  ])
  expect(computed('lib')).toEqual([['tests', false]])
  expect(rules(report)).toEqual(
    expect.arrayContaining(['error status-false app/CONTEXT.md', 'error status-false lib/CONTEXT.md']),
  )
  const current = await check(files, { index: { hashOf: () => contextHash(text) } })
  expect(current.contexts.find((one) => one.file.subject === 'app')?.boxes[1]?.computed).toBe(true)
})

test('fingerprints: a body, a comment and an order do not cry wolf; a signature does', async () => {
  const context = contextText(['../lib/bus.ts', 'Imports Bus from'], ['../lib/types.ts', 'Imports Row from'])
  const files: Record<string, string> = { ...CODE, 'lib/CONTEXT.md': contextText(), 'app/CONTEXT.md': context }
  files['app/CONTEXT.md'] = await reviewContext(new EvidenceGraph(memoryView(files), DEFAULT_CONFIG), 'app/CONTEXT.md', context)
  const stale = async (main: string) => (await check({ ...files, 'app/main.ts': main })).contexts[0]?.stale
  expect(await stale(CODE['app/main.ts'])).toEqual([])
  expect(
    await stale(
      CODE['app/main.ts']
        .replace("bus.emit('tick', row)", "/* a */ const n = 1; bus.emit('tick', { a: n })")
        .replace('export', '// note\nexport'),
    ),
  ).toEqual([])
  expect(await stale(CODE['app/main.ts'].replace('row: Row)', 'row: Row, more: number)'))).toEqual([
    'main.ts changed its exported signatures',
  ])
  expect(await stale(`${CODE['app/main.ts']}export const extra = 1\n`)).toEqual(['main.ts changed its exported signatures'])
})

test('a baseline silences what was there, not what is new, whatever line it stands on', async () => {
  const files = {
    ...CODE,
    'lib/CONTEXT.md': contextText(),
    'app/CONTEXT.md': contextText(['../lib/gone.ts', 'Imports Gone from']),
  }
  const first = await check(files)
  expect(first.ok).toBe(false)
  const baseline = parseBaseline(printBaseline(first.findings))
  const moved = { ...files, 'app/CONTEXT.md': files['app/CONTEXT.md'].replace('# x Context', '# x Context\n\nA paragraph more.') }
  expect((await check(moved, { baseline })).ok).toBe(true)
  expect(
    (
      await check(
        { ...moved, 'app/CONTEXT.md': contextText(['../lib/gone.ts', 'Imports Gone from'], ['../lib/bus.ts', 'Inherits from']) },
        { baseline },
      )
    ).ok,
  ).toBe(false)
  expect(parseBaseline('not json').keys.size).toBe(0)
})

test('a waiver holds with a reason until its day, then it is an error itself', async () => {
  const files = {
    ...CODE,
    'lib/CONTEXT.md': contextText(),
    'app/CONTEXT.md': contextText(['../lib/gone.ts', 'Imports Gone from']),
  }
  const config = parseConfig(
    '{ "waivers": [{ "rule": "dead-path", "path": "app/CONTEXT.md", "match": "gone", "reason": "comes with the next release", "expires": "2026-02-01" }] }',
  )
  const before = await check(files, {}, config)
  expect(before).toMatchObject({ ok: true, waived: [{ reason: 'comes with the next release' }] })
  expect((await check(files, { today: '2026-02-01' }, config)).ok).toBe(true)
  expect(rules(await check(files, { today: '2026-02-02' }, config))).toEqual(
    expect.arrayContaining(['error waiver-expired vectra.context.json', 'error dead-path app/CONTEXT.md']),
  )
})

test.each([
  ['{ "waivers": [{ "rule": "x", "path": "y", "expires": "2026-01-01" }] }', 'needs a "reason"'],
  ['{ "waivers": [{ "rule": "x", "path": "y", "reason": "z", "expires": "soon" }] }', 'YYYY-MM-DD'],
  ['{ "exlude": [] }', 'unknown setting "exlude"'],
  ['{ "tests": "x" }', 'list of strings'],
  ['{', 'not a JSON object'],
])('configuration %s is refused', (text, message) => expect(() => parseConfig(text)).toThrow(message))

test('did you mean: the same name elsewhere, a slip of the pen, a wrong symbol, a wrong word', async () => {
  const report = await check({
    ...CODE,
    'lib/CONTEXT.md': contextText(),
    'app/CONTEXT.md': contextText(
      ['../old/bus.ts', 'Imports Bus from'],
      ['../lib/typs.ts', 'Imports Row from'],
      ['../lib/bus.ts', 'Imports Buss from'],
      ['../lib/bus.ts', 'Recieves data from'],
    ),
  })
  const hints = report.findings.filter((one) => one.level === 'error').map((one) => one.hint)
  expect(hints).toEqual(['did you mean `../lib/bus.ts`?', 'did you mean `../lib/types.ts`?', 'did you mean Bus?'])
  expect(report.contexts[0]?.rows[3]?.judgements[0]).toMatchObject({
    claim: { kind: 'other' },
    judgement: { verdict: 'UNVERIFIABLE', suggestion: 'Receives data from' },
  })
})

test('orphans, placeholders, paths that leave the repository', async () => {
  const report = await check({
    'lib/bus.ts': '',
    'lib/CONTEXT.md': contextText(['TODO', 'TODO'], ['../../../etc/passwd', 'Imports x from']),
    'lib/old.CONTEXT.md': contextText(),
  })
  expect(rules(report)).toEqual(
    expect.arrayContaining([
      'warning placeholder lib/CONTEXT.md',
      'error outside lib/CONTEXT.md',
      'error orphan-context lib/old.CONTEXT.md',
    ]),
  )
})
