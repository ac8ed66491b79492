import { expect, it } from 'vitest'
import { report } from '../src/report.ts'
import { contextForm, contextPresent } from '../src/rules/context-files.ts'
import { example } from './bad-example.ts'

const GOOD = `# ingest Context

## Purpose
Frames in, envelopes out.

## Related Scripts
| Script | Relationship |
|--------|--------------|
| \`src/index.ts\` | Provides data to the recorder |
| \`@vectra/schemas\` | Imports EventEnvelope from |

## Data Flow
[socket] → ingest → [sink]

## Key Decisions
- None yet.

## Status
- [x] Tests written
`

const PATH = 'packages/ingest/CONTEXT.md'
const form = (text: string): string[] => report(contextForm(example({ [PATH]: text })))

it('accepts the agreed form', () => {
  expect(form(GOOD)).toEqual([])
})

it.each([
  ['title', GOOD.replace('# ingest Context', '# ingest'), /first line is not/],
  ['a section missing', GOOD.replace('## Key Decisions\n- None yet.\n', ''), /sections are not exactly/],
  ['a section renamed', GOOD.replace('## Data Flow', '## Flow'), /sections are not exactly/],
  ['an empty section', GOOD.replace('Frames in, envelopes out.', ''), /section Purpose is empty/],
  ['no table', GOOD.replace(/\| Script.*\n/, ''), /has no table/],
  [
    'a free relationship',
    GOOD.replace('Provides data to the recorder', 'talks to the recorder'),
    /unknown relationship "talks to/,
  ],
  ['a dead path', GOOD.replace('src/index.ts', 'src/gone.ts'), /src\/gone\.ts does not exist/],
  ['no checkbox', GOOD.replace('- [x] Tests written', 'Tests written'), /Status has no checkbox/],
])('%s', (_name, text, says) => {
  expect(form(text)).toEqual([expect.stringMatching(says)])
})

it('wants one in every package and every folder of sources', () => {
  const present = { [PATH]: GOOD, 'packages/ingest/src/sources/replay.ts': 'export {}' }
  const missing = report(contextPresent(example(present)))
  expect(missing).toContainEqual(expect.stringMatching(/^packages\/ingest\/src\/sources\/CONTEXT\.md:1 missing/))
  expect(missing).toContainEqual(expect.stringMatching(/^packages\/schemas\/CONTEXT\.md:1 missing/))
  expect(missing).not.toContainEqual(expect.stringMatching(/^packages\/ingest\/CONTEXT\.md/))
})
