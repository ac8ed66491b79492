import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkContexts } from '../src/check/check.ts'
import { DEFAULT_CONFIG } from '../src/config.ts'
import { fixContext } from '../src/edit/fix.ts'
import { stubContext } from '../src/edit/stub.ts'
import { EvidenceGraph } from '../src/graph/graph.ts'
import { parseContextFile } from '../src/model/parse.ts'
import { loadProject, PROJECTS } from './corpus/load.ts'
import { memoryView } from './memory-view.ts'

/** Longest a single input may take before the test fails: it guards against a hang, not against slowness. */
const MOST_MS = 20_000

const TOKENS = [
  '|',
  '`',
  '\n',
  '## Related Scripts\n',
  '| Script | Relationship |\n|---|---|\n',
  '- [x] ',
  '→',
  '->',
  '<!-- vectra-context reviewed: ',
  '-->',
  '```\n',
  '[a](b.ts)',
  '../',
  './x.py',
  ' Imports X from ',
  '\\|',
  '\u0000',
  '\u202e',
  '𝒳',
  '\r',
  '<br>',
  ';',
  '**',
  '[',
  '(',
  '&amp;',
  '\t',
  '## Status\n',
  '## Data Flow\n',
  '# T\n',
  '\ufeff',
  'via `a/b.ts`',
  '<!--',
  '| `../n/b.ts` | Imports X, bb from |\n',
  '| `../o/b.ts` | Imports b from |\n',
  '- [x] Relationships verified\n',
]
const noise = fc
  .array(fc.oneof(fc.constantFrom(...TOKENS), fc.string({ maxLength: 12 })), { maxLength: 60 })
  .map((parts) => parts.join(''))
/** Noise, and noise inside a file that begins as one should. */
const markdown = fc.oneof(
  noise,
  noise.map((text) => `# x\n\n## Related Scripts\n| Script | Relationship |\n|---|---|\n| \`../n/b.ts\` | Imports X, ${text}`),
)

const SOURCES = PROJECTS.flatMap(([name, language]) => Object.values(loadProject(name, language).files))
/** Real source with stretches cut out, doubled, or replaced by noise. */
const source = fc
  .tuple(fc.constantFrom(...SOURCES), fc.array(fc.tuple(fc.nat(2000), fc.nat(40), fc.string({ maxLength: 8 })), { maxLength: 6 }))
  .map(([text, cuts]) => {
    let out = text
    for (const [at, length, noise] of cuts)
      out = out.slice(0, at % (out.length + 1)) + noise + out.slice((at % (out.length + 1)) + length)
    return out
  })

test('120 fuzzed Markdown files: no throw, spans inside the text, a second repair or stub changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(markdown, async (text) => {
      const file = parseContextFile('m/CONTEXT.md', text)
      for (const row of file.rows) {
        expect(row.targetSpan.start).toBeGreaterThanOrEqual(0)
        expect(row.targetSpan.end).toBeLessThanOrEqual(text.length)
        expect(row.relationSpan.end).toBeLessThanOrEqual(text.length)
      }
      const files = { 'm/a.ts': "import { b } from '../n/b.ts'\nexport const a = b\n", 'n/b.ts': 'export const b = 1\n' }
      const graph = (context: string) => new EvidenceGraph(memoryView({ ...files, 'm/CONTEXT.md': context }), DEFAULT_CONFIG)
      await checkContexts(graph(text), { today: '2026-01-01' })
      const fixed = await fixContext(graph(text), 'm/CONTEXT.md', text)
      expect(await fixContext(graph(fixed), 'm/CONTEXT.md', fixed)).toBe(fixed)
      const stub = await stubContext(graph(text), 'm/CONTEXT.md', text)
      expect(await stubContext(graph(stub), 'm/CONTEXT.md', stub)).toBe(stub)
    }),
    { numRuns: 120, timeout: MOST_MS },
  )
}, 120_000)

test('100 fuzzed sources in both languages: facts come out, nothing throws', async () => {
  await fc.assert(
    fc.asyncProperty(source, fc.constantFrom('ts', 'tsx', 'js', 'py', 'mjs'), async (text, extension) => {
      const graph = new EvidenceGraph(memoryView({ [`m/a.${extension}`]: text, 'm/b.py': 'x = 1\n' }), DEFAULT_CONFIG)
      expect(await graph.facts(`m/a.${extension}`)).not.toBeNull()
      await stubContext(graph, 'm/CONTEXT.md')
    }),
    { numRuns: 100, timeout: MOST_MS },
  )
}, 120_000)

test.each([
  ['a line of one megabyte', 'a.ts', `export const x = "${'y'.repeat(1_000_000)}"`],
  ['a Python line of one megabyte', 'a.py', `x = "${'y'.repeat(1_000_000)}"`],
  ['ten thousand nested brackets', 'a.py', `x = ${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ['ten thousand nested calls', 'a.js', `${'f('.repeat(3_000)}1${')'.repeat(3_000)}`],
  ['a long chain of operators', 'a.ts', `export const x = ${'1 + '.repeat(5_000)}1`],
  ['only opening braces', 'a.ts', '{'.repeat(3_000)],
  ['binary', 'a.py', '\u0000\u0001\u0002'],
  ['an empty file', 'a.ts', ''],
  ['many comments, then many statements', 'a.ts', '/** a */\n'.repeat(60_000) + 'a\n'.repeat(60_000)],
  ['many exports by assignment', 'a.js', Array.from({ length: 60_000 }, (_value, at) => `exports.a${at} = 1\n`).join('')],
])(
  'source: %s',
  async (_name, path, text) => {
    const graph = new EvidenceGraph(memoryView({ [`m/${path}`]: text }), DEFAULT_CONFIG)
    const report = await checkContexts(graph, { today: '2026-01-01' })
    expect(report.totals.sources).toBe(1)
    expect((await graph.facts(`m/${path}`)) === null).toBe(path === 'a.py' && text.includes('\u0000'))
    expect(await stubContext(graph, 'm/CONTEXT.md')).toContain('## Status')
  },
  MOST_MS,
)

test.each([
  [
    'a cell of one hundred kilobytes',
    `## Related Scripts\n| Script | Relationship |\n|---|---|\n| \`${'a/'.repeat(50_000)}\` | Imports X from |\n`,
  ],
  ['a thousand columns', `## Related Scripts\n|${' a |'.repeat(1000)}\n|${'---|'.repeat(1000)}\n|${' b |'.repeat(1000)}\n`],
  ['deep quotes', `${'> '.repeat(2_000)}x`],
  ['open brackets', '['.repeat(5_000)],
  ['emphasis marks', '*a_ '.repeat(5_000)],
  ['backticks of all lengths', Array.from({ length: 300 }, (_value, index) => '`'.repeat(index)).join(' ')],
  ['a rule of dashes as a flow', `## Data Flow\n${'-'.repeat(200_000)}x`],
  ['a flow that goes on and on', `## Data Flow\n\`\`\`\na -> b\n${'   -> c\n'.repeat(25_000)}\`\`\`\n`],
  [
    'everything flows into everything',
    `## Data Flow\n\`\`\`\n${`${'a, '.repeat(300)}-> ${'b, '.repeat(300)}\n`.repeat(100)}\`\`\`\n`,
  ],
  ...['(', 'a from ', 'a/', '`a.', ' \u00a0'].map((part): [string, string] => [
    `a relationship of ${JSON.stringify(part)} alone`,
    `## Related Scripts\n| Script | Relationship |\n|---|---|\n| \`./x.ts\` | Imports x${part.repeat(200_000 / part.length)}x from |\n`,
  ]),
  ['nested lists', Array.from({ length: 200 }, (_value, index) => `${' '.repeat(index * 2)}- [x] a`).join('\n')],
])(
  'Markdown: %s',
  (_name, text) => {
    expect(parseContextFile('m/CONTEXT.md', text).path).toBe('m/CONTEXT.md')
  },
  MOST_MS,
)
