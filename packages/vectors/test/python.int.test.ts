import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { openVectorIndex } from '../src/index.ts'
import { hashEmbedder } from './hash-embedder.ts'
import { codeDocument, memorySource } from './memory-source.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** An interpreter with `pip install lancedb`; the test asks for it by name, because CI need not have one. */
const PYTHON = process.env['VECTRA_PYTHON']
const usable = PYTHON !== undefined && existsSync(PYTHON)
if (!usable) process.stderr.write('SKIPPED: reading the tables from Python; set VECTRA_PYTHON to an interpreter with lancedb\n')

const PROGRAM = `
import sys, json, lancedb
table = lancedb.connect(sys.argv[1]).open_table("code_context")
rows = table.search("websocket parsing").limit(5).to_list()
print(json.dumps([[row["id"], row["path"], len(row["vector"])] for row in rows]))
`

it.skipIf(!usable)('plain LanceDB from Python finds rows as the design writes it', async () => {
  const dir = temporaryFolder()
  await using index = await openVectorIndex({ dir, embedder: hashEmbedder() })
  await index.sync(
    memorySource(
      'code_context',
      new Map([['f', [codeDocument('a', 'parses websocket frames'), codeDocument('b', 'nothing here')]]]),
    ),
  )
  const { stdout } = await promisify(execFile)(PYTHON ?? '', ['-c', PROGRAM, dir])
  expect(JSON.parse(stdout)).toEqual([['f#a', 'src/CONTEXT.md', 32]])
})
