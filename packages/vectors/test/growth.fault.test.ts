import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type CodeDocument, openVectorIndex } from '../src/index.ts'
import { hashEmbedder } from './hash-embedder.ts'
import { codeDocument, memorySource } from './memory-source.ts'
import { temporaryFolder } from './temporary-folder.ts'

const edits = process.env['VECTRA_FAULTS'] === 'quick' ? 150 : 1_000
const ROWS = 2_000

const bytesOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => (entry.isFile() ? sum + statSync(join(entry.parentPath, entry.name)).size : sum),
    0,
  )

it(`${edits} edits, a run each, leave at most 1.2 times the bytes of a rebuild`, { timeout: 900_000 }, async () => {
  const scopes = new Map<string, readonly CodeDocument[]>(
    Array.from({ length: ROWS / 4 }, (_, file) => [
      `file-${file}`,
      [0, 1, 2, 3].map((at) => codeDocument(`d${at}`, `body ${file} ${at} alpha beta gamma delta`)),
    ]),
  )
  const embedder = hashEmbedder({ dimensions: 384 })
  const edited = join(temporaryFolder(), 'vectors')
  {
    await using index = await openVectorIndex({ dir: edited, embedder, keepVersionsMs: 0 })
    await index.sync(memorySource('code_context', scopes))
    for (let edit = 0; edit < edits; edit++) {
      const file = `file-${(edit * 37) % scopes.size}`
      const [first, ...rest] = scopes.get(file) ?? []
      if (first === undefined) throw new Error(`no ${file}`)
      scopes.set(file, [{ ...first, body: `edit ${edit} of ${file}` }, ...rest])
      expect(await index.sync(memorySource('code_context', scopes))).toMatchObject({ written: 1 })
    }
  }
  const rebuilt = join(temporaryFolder(), 'vectors')
  await using fresh = await openVectorIndex({ dir: rebuilt, embedder, keepVersionsMs: 0 })
  await fresh.rebuild(memorySource('code_context', scopes))
  const [after, anew] = [bytesOf(join(edited, 'code_context.lance')), bytesOf(join(rebuilt, 'code_context.lance'))]
  process.stderr.write(`${edits} edits: ${after} bytes, rebuilt ${anew}, ${(after / anew).toFixed(2)} times\n`)
  expect(after / anew).toBeLessThanOrEqual(1.2)
})
