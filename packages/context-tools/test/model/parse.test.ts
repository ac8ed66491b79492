import { expect, test } from 'vitest'
import { parseContextFile } from '../../src/model/parse.ts'

const SEED = `# event_store Context

## Purpose
One sentence: what this module does.

## Related Scripts
| Script | Relationship |
|--------|--------------|
| \`../event_bus.py\` | Subscribes to events from |
| \`./schema.py\` | Imports EventEnvelope from |
| \`../../ui/main_window.py\` | Provides data to |

## Data Flow
\`\`\`
[EventBus] → this module → [Parquet Writer]
                        → [LanceDB Indexer]
\`\`\`

## Key Decisions
- **Why Parquet over SQLite:** Append-only, columnar, DuckDB-native
- **Why single writer:** Avoid race conditions, consistent ordering

## Status
- [x] Tests written
- [x] Indexed to LanceDB
- [ ] Relationships verified
`

test('the template of the design parses in every part', () => {
  const file = parseContextFile('src/services/event_store/CONTEXT.md', SEED)
  expect(file.problems).toEqual([])
  expect(file).toMatchObject({
    form: 'directory',
    subject: 'src/services/event_store',
    title: 'event_store Context',
    purpose: 'One sentence: what this module does.',
  })
  expect(file.rows.map((row) => [row.target, row.claims[0]?.kind, row.claims[0]?.names])).toEqual([
    ['../event_bus.py', 'subscribes', []],
    ['./schema.py', 'imports', ['EventEnvelope']],
    ['../../ui/main_window.py', 'provides', []],
  ])
  expect(file.arrows.map(({ from, to }) => [from, to])).toEqual([
    ['EventBus', null],
    [null, 'Parquet Writer'],
    [null, 'LanceDB Indexer'],
  ])
  expect(file.decisions).toHaveLength(2)
  expect(file.boxes.map((box) => [box.kind, box.checked])).toEqual([
    ['tests', true],
    ['indexed', true],
    ['relationships', false],
  ])
})

test.each([
  ['line feeds', SEED],
  ['carriage returns', SEED.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\ufeff${SEED}`],
  ['both', `\ufeff${SEED.replaceAll('\n', '\r\n')}`],
])('spans point at the exact characters with %s', (_name, text) => {
  const file = parseContextFile('a/CONTEXT.md', text)
  for (const row of file.rows) {
    expect(text.slice(row.targetSpan.start, row.targetSpan.end)).toBe(row.target)
    expect(text.slice(row.relationSpan.start, row.relationSpan.end)).toBe(row.relation)
    expect(text.split('\n')[row.span.line - 1]).toContain(row.target)
  }
  for (const box of file.boxes) expect(text.slice(box.mark.start, box.mark.end)).toBe(box.checked ? 'x' : ' ')
  expect(file.rows).toHaveLength(3)
})

test('the file form speaks of one file', () => {
  expect(parseContextFile('a/store.CONTEXT.md', '')).toMatchObject({ form: 'file', subject: 'a/store' })
})

test('other dialects are read and mapped', () => {
  const file = parseContextFile(
    'a/CONTEXT.md',
    `# A\n\n## Overview\nDoes a.\n\n## Dependencies\n- \`../b.py\`: Used by\n- [c](../c.py) - extends\n\n| File | Notes | Relation to it |\n|---|---|---|\n| ../d.py, see \`../e.py\` | x | Depends on; Publishes \`tick\` events to |\n`,
  )
  expect(file.purpose).toBe('Does a.')
  expect(file.rows.map((row) => [row.target, row.claims.map((claim) => claim.kind)])).toEqual([
    ['../e.py', ['imports', 'publishes']],
    ['../b.py', ['provides']],
    ['../c.py', ['inherits']],
  ])
  expect(file.rows[0]?.claims[1]?.events).toEqual(['tick'])
  expect(file.problems.map((one) => one.code)).toContain('section-dialect')
})

test('an open vocabulary is kept as it stands', () => {
  const [row] = parseContextFile(
    'a/CONTEXT.md',
    '## Related Scripts\n| Script | Relationship |\n|---|---|\n| `b.py` | Shadows at night |\n',
  ).rows
  expect(row?.claims).toMatchObject([{ kind: 'other', text: 'Shadows at night' }])
})

test.each([
  ['Imports A, B and `C` from', ['C']],
  ['Imports A, B and C from', ['A', 'B', 'C']],
  ['Imports type Foo from', ['Foo']],
  ['Imports everything from', []],
  ['Imports * from', ['*']],
  ['Imports the tick parser (fast) from', []],
])('names of "%s"', (relation, names) => {
  const [row] = parseContextFile(
    'a/CONTEXT.md',
    `## Related Scripts\n| Script | Relationship |\n|---|---|\n| \`b.py\` | ${relation} |\n`,
  ).rows
  expect(row?.claims[0]?.names).toEqual(names)
})

test('escaped pipes, empty cells and a missing column do not shift a row', () => {
  const text =
    '## Related Scripts\n| Script | Relationship |\n|---|---|\n| `a\\|b.py` | Provides data to |\n| `c.py` |\n|  | Inherits from |\n'
  expect(parseContextFile('x/CONTEXT.md', text).rows.map((row) => [row.target, row.relation])).toEqual(
    [
      ['a|b.py', 'Provides data to'],
      ['c.py', ''],
    ].filter(([, relation]) => relation !== ''),
  )
})

test('arrows: trees, several lines, several sources, words with hyphens', () => {
  const arrows = (text: string) =>
    parseContextFile('m/CONTEXT.md', `## Data Flow\n\`\`\`\n${text}\n\`\`\`\n`).arrows.map(
      ({ from, to }) => `${from ?? 'this'}>${to ?? 'this'}`,
    )
  expect(arrows('a.py, b.py -> this module --> c-d.py')).toEqual(['a.py>this', 'b.py>this', 'this>c-d.py'])
  expect(arrows('this ──▶ x\n     └─▶ y\n')).toEqual(['this>x', 'this>y'])
  expect(arrows('Frame ▶ decode ▶ envelope')).toEqual(['Frame>decode', 'decode>envelope'])
  expect(arrows('a -- ticks --> this')).toEqual(['a>this'])
})

test('a file above the limit is reported, not parsed', () => {
  expect(parseContextFile('a/CONTEXT.md', 'x'.repeat(300_000)).problems).toMatchObject([{ code: 'oversize' }])
})
