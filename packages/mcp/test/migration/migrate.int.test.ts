import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  type ChromaDocument,
  documentHash,
  type MigratedDocument,
  migrateChroma,
  openChromaMcp,
  routeDocument,
} from '../../src/index.ts'
import { fake } from '../fake.ts'

const dir = mkdtempSync(join(tmpdir(), 'vectra-migrate-'))
afterAll(() => rmSync(dir, { recursive: true }))

const SESSION = '0198a5b0-1c2d-7000-8000-000000000001'
const facts = {
  hasEvent: async ({ sessionId, seq }: { sessionId: string; seq: number }) => sessionId === SESSION && seq === 1,
  contextPath: (source: string) => (source === 'src/CONTEXT.md' ? source : undefined),
}
const document = (id: string, text: string | null, metadata: Record<string, unknown> = {}): ChromaDocument => ({
  id,
  text,
  metadata,
})

it.each([
  ['an event that is stored', document(`${SESSION}_1_99`, 'tick', { doc_type: 'ws_event' }), 'events'],
  ['an event by its metadata', document('x', 'tick', { doc_type: 'ws_event', session_id: SESSION, seq: 1 }), 'events'],
  ['an event that is not stored', document(`${SESSION}_2_99`, 'tick', { doc_type: 'ws_event' }), 'quarantine'],
  ['an event without a place', document('x', 'tick', { doc_type: 'ws_event' }), 'quarantine'],
  ['a CONTEXT.md that is there', document('a', 'text', { source: 'src/CONTEXT.md' }), 'code_context'],
  ['a CONTEXT.md that is gone', document('a', 'text', { source: 'old/CONTEXT.md' }), 'quarantine'],
  ['a file’s own CONTEXT.md that is gone', document('a', 'text', { source: 'old/bus.CONTEXT.md' }), 'quarantine'],
  ['another file', document('a', 'text', { source: 'docs/x.md' }), 'debug_notes'],
  ['text that speaks of events', document('a', 'doc_type: ws_event CONTEXT.md'), 'debug_notes'],
  ['no text', document('a', null), 'quarantine'],
  ['blank text', document('a', ' \n'), 'quarantine'],
] as const)('%s goes to %s', async (_name, one, route) => {
  expect((await routeDocument(one, facts)).route).toBe(route)
})

/** A target in memory, with the promise of the real one: what was written is known. */
function memoryTarget() {
  const written: MigratedDocument[] = []
  return {
    ...facts,
    all: written,
    async written() {
      const found = new Map<string, string[]>()
      for (const { provenance, hash } of written) found.set(provenance, [...(found.get(provenance) ?? []), hash])
      return found
    },
    async write(_collection: string, documents: readonly MigratedDocument[]) {
      written.push(...documents)
    },
  }
}

describe('through chroma-mcp', () => {
  const documents = [
    ...Array.from({ length: 230 }, (_, index) => document(`n${index}`, `note ${index}`, { source: 'docs/a.md' })),
    document('c1', 'context', { source: 'src/CONTEXT.md' }),
    document('c2', 'context', { source: 'gone/CONTEXT.md' }),
    document(`${SESSION}_1_1`, 'event', { doc_type: 'ws_event' }),
    document('empty', null),
  ]
  const file = join(dir, 'chroma.json')
  writeFileSync(file, JSON.stringify({ knowledge: documents, other: [] }))
  const routed = { events: 1, code_context: 1, debug_notes: 230, quarantine: 2 }

  it('counts close, a second run adds nothing, a dry run writes nothing', async () => {
    await using source = await openChromaMcp(fake('chroma', file))
    expect(await source.collections()).toEqual(['knowledge', 'other'])
    const target = memoryTarget()
    const options = { source, collection: 'knowledge', target, pageSize: 50 }
    expect(await migrateChroma({ ...options, dryRun: true })).toMatchObject({ added: 232, proven: true, stored: 0 })
    expect(target.all).toEqual([])
    expect(await migrateChroma(options)).toMatchObject({ counted: 234, read: 234, routed, added: 232, stored: 232, proven: true })
    expect(await migrateChroma(options)).toMatchObject({ routed, added: 0, stored: 232, proven: true })
    expect(new Set(target.all.map((one) => one.provenance)).size).toBe(232)
  })

  it('a server that dies half-way: what was written stays, the next run adds the rest', async () => {
    const target = memoryTarget()
    await using dying = await openChromaMcp(fake('chroma', file, 'dies-after-2'))
    await expect(migrateChroma({ source: dying, collection: 'knowledge', target, pageSize: 50 })).rejects.toMatchObject({
      code: 'MCP_CONNECT',
    })
    expect(target.all).toHaveLength(100)
    await using source = await openChromaMcp(fake('chroma', file))
    expect(await migrateChroma({ source, collection: 'knowledge', target, pageSize: 50 })).toMatchObject({
      added: 132,
      stored: 232,
      proven: true,
    })
  })

  it.each([
    ['changing', 'MCP_MIGRATION'],
    ['numpy', 'MCP_RESULT'],
  ])('%s: %s', async (mode, code) => {
    await using source = await openChromaMcp(fake('chroma', file, mode))
    await expect(migrateChroma({ source, collection: 'knowledge', target: memoryTarget() })).rejects.toMatchObject({ code })
  })

  it('a page too large for one answer is refused with the way out, which works', async () => {
    const large = join(dir, 'large.json')
    writeFileSync(large, JSON.stringify({ large: Array.from({ length: 20 }, (_, n) => document(`l${n}`, 'x'.repeat(600_000))) }))
    const options = { collection: 'large', target: memoryTarget() }
    await using source = await openChromaMcp(fake('chroma', large))
    await expect(migrateChroma({ ...options, source })).rejects.toMatchObject({
      code: 'MCP_RESULT',
      context: { hint: expect.stringContaining('--page-size 10') },
    })
    await using again = await openChromaMcp(fake('chroma', large))
    expect(await migrateChroma({ ...options, source: again, pageSize: 10 })).toMatchObject({ read: 20, proven: true })
  })

  it('what a target loses is not proven', async () => {
    await using source = await openChromaMcp(fake('chroma', file))
    const target = memoryTarget()
    const lossy = {
      ...target,
      write: async (collection: string, some: readonly MigratedDocument[]) => target.write(collection, some.slice(1)),
    }
    expect(await migrateChroma({ source, collection: 'knowledge', target: lossy })).toMatchObject({ proven: false })
  })

  it('an empty database, and a collection that is not there', async () => {
    await using source = await openChromaMcp(fake('chroma', file, 'empty'))
    expect(await source.collections()).toEqual([])
    await expect(source.count('nowhere')).rejects.toMatchObject({ code: 'MCP_TOOL_FAILED' })
  })
})

it('a hash follows text and metadata, not their order', () => {
  const hash = documentHash(document('a', 't', { a: 1, b: 2 }))
  expect(documentHash(document('b', 't', { b: 2, a: 1 }))).toBe(hash)
  expect(documentHash(document('a', 't', { a: 1, b: 3 }))).not.toBe(hash)
})
