import { expect, it } from 'vitest'
import { contextDocuments, noteDocument, protocolDocuments } from '../../src/index.ts'
import { storedEvent } from '../stored-event.ts'

const CONTEXT = `# ingest Context

## Purpose
Turns socket text into events.

## Related Scripts
| Script | Relationship |
|--------|--------------|
| \`./frame.ts\` | Imports decodeFrame from |
| \`../bus.ts\` | Publishes events to |

## Data Flow
\`\`\`
# not a heading
[socket] → this
\`\`\`

## Key Decisions
- **Why Decimal:** floats lose
  digits of prices.
- **Why one writer:** order.

## Status
- [x] Tests written
`

it('a CONTEXT.md becomes its sections, each relation and each decision on its own', () => {
  const documents = contextDocuments('packages/ingest/CONTEXT.md', CONTEXT, (line) => (line === 10 ? 'contradicted' : 'verified'))
  expect(documents.map(({ kind, body, line }) => [kind, line, body])).toEqual([
    ['purpose', 4, 'Turns socket text into events.'],
    ['relations', 9, 'packages/ingest: Imports decodeFrame from ./frame.ts'],
    ['relations', 10, 'packages/ingest: Publishes events to ../bus.ts'],
    ['data_flow', 13, '\n# not a heading\n[socket] → this\n'],
    ['decision', 19, 'Why Decimal: floats lose\n  digits of prices.'],
    ['decision', 21, 'Why one writer: order.'],
    ['status', 24, '- [x] Tests written'],
  ])
  expect(documents[2]).toMatchObject({ module: 'packages/ingest', path: 'packages/ingest/CONTEXT.md', verdict: 'contradicted' })
})

it('a file of its own beside a script is about the script', () => {
  expect(contextDocuments('src/bus.CONTEXT.md', '# bus Context\n\n## Purpose\nx')[0]?.module).toBe('src/bus')
})

it('protocol tables are read as sentences under the heading of their event', () => {
  const documents = protocolDocuments(
    'docs/protocol.md',
    '# Protocol\n\n## 5.1 playerUpdate\nWhen: on login.\n\n| field | type | meaning |\n|---|---|---|\n| `cash` | number | wallet balance |\n',
  )
  expect(documents).toMatchObject([
    {
      eventName: 'playerUpdate',
      headings: ['docs/protocol.md', 'Protocol', '5.1 playerUpdate'],
      body: 'When: on login.\ncash; type number; meaning wallet balance',
    },
  ])
})

it('a stored note keeps author, tags and links', () => {
  const event = storedEvent({
    event_name: 'debug_note',
    payload: {
      text: 'Why Decimal\nFloats lose digits.',
      author: 'ada',
      tags: ['money'],
      files: ['src/decimal.ts'],
      games: [],
      events: ['s:1'],
    },
  })
  expect(noteDocument(event)).toMatchObject({
    headings: ['Why Decimal'],
    body: 'Floats lose digits.\n\nTags: money. Files: src/decimal.ts.',
    author: 'ada',
    tags: ['money'],
    files: ['src/decimal.ts'],
    events: ['s:1'],
  })
  expect(noteDocument(storedEvent({ event_name: 'debug_note', payload: { text: ' ' } }))).toBeUndefined()
})
