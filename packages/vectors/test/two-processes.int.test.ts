import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openVectorIndex } from '../src/index.ts'
import { hashEmbedder } from './hash-embedder.ts'
import { killCorpus } from './kill-corpus.ts'
import { temporaryFolder } from './temporary-folder.ts'

function start(dir: string): Promise<{ code: number | null; stderr: string }> {
  const program = join(import.meta.dirname, 'indexing-process.ts')
  const child = spawn(process.execPath, [
    '--conditions=@vectra/source',
    '--disable-warning=ExperimentalWarning',
    program,
    dir,
    '1500',
    '1',
  ])
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  return new Promise((resolve) => child.on('exit', (code) => resolve({ code, stderr })))
}

it('two indexers at once never duplicate a row: one works, the other is told that it is busy', { timeout: 60_000 }, async () => {
  const dir = join(temporaryFolder(), 'vectors')
  const ends = await Promise.all([start(dir), start(dir), start(dir)])
  expect(ends.some(({ code }) => code === 0)).toBe(true)
  for (const { code, stderr } of ends) if (code !== 0) expect(stderr).toContain('VECTORS_BUSY')
  await using index = await openVectorIndex({ dir, embedder: hashEmbedder() })
  const rows = await index.contents('code_context')
  expect(new Set(rows.map((row) => row['id'])).size).toBe(rows.length)
  expect(await index.sync(killCorpus(1_500, 1))).toMatchObject({ written: 0, deleted: 0 })
})
