import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { openVectorIndex } from '../src/index.ts'
import { hashEmbedder } from './hash-embedder.ts'
import { codeDocument, memorySource } from './memory-source.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** An interpreter with the LanceDB client: what scripts/setup-python.sh installs, unless another is named. */
const PYTHON = process.env['VECTRA_PYTHON'] ?? join(import.meta.dirname, '../../../.tools/python/bin/python')
const usable = existsSync(PYTHON)
if (!usable) {
  const reason = 'no Python with LanceDB (scripts/setup-python.sh installs one): the tables are not read from Python'
  if (process.env['CI'] === 'true') throw new Error(reason)
  process.stderr.write(`SKIPPED: ${reason}\n`)
}

const PROGRAM = `
import sys, json, lancedb
table = lancedb.connect(sys.argv[1]).open_table("code_context")
rows = table.search("websocket parsing").limit(5).to_list()
print(json.dumps([[row["id"], row["path"], len(row["vector"])] for row in rows]))
`

it.skipIf(!usable)('plain LanceDB from Python finds rows as the design writes it', { timeout: 120_000 }, async () => {
  const dir = temporaryFolder()
  await using index = await openVectorIndex({ dir, embedder: hashEmbedder() })
  await index.sync(
    memorySource(
      'code_context',
      new Map([['f', [codeDocument('a', 'parses websocket frames'), codeDocument('b', 'nothing here')]]]),
    ),
  )
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', PROGRAM, dir])
  expect(JSON.parse(stdout)).toEqual([['f#a', 'src/CONTEXT.md', 32]])
})
