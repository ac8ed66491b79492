import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANALYSIS, TABLE_FUNCTIONS } from '../../../src/query/analysis/catalogue.ts'
import { openQuery, type QueryEngine } from '../../../src/query/engine.ts'
import { toTable } from '../../../src/query/format.ts'
import { present, storeCaptures } from '../captures.ts'

const page = readFileSync(fileURLToPath(new URL('../../../../../docs/views.md', import.meta.url)), 'utf8')
/** Each `sql` block with the `text` block of its answer, if one follows. */
const examples = [...page.matchAll(/```sql\n(.*?)```\n(?:\n```text\n(.*?)```)?/gs)].map(
  ([, sql, answer]) => [sql ?? '', answer] as const,
)
const sections = new Map(page.split(/^## /m).map((section) => [/^\w+/.exec(section)?.[0] ?? '', section]))

describe.skipIf(!present)('docs/views.md', () => {
  let dir: string
  let query: QueryEngine

  beforeAll(async () => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-views-'))
    await storeCaptures(dir)
    query = await openQuery({ dir })
  }, 120_000)

  afterAll(async () => {
    await query.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it.each(examples)('answers as written: %s', async (sql, answer) => {
    const table = toTable(await query.sql(sql))
    if (answer === undefined) expect(table).toContain('─')
    else expect(table).toBe(answer)
  })

  it.each(ANALYSIS.map(({ name }) => [name]))('names every column of %s, in order', async (name) => {
    const from = TABLE_FUNCTIONS.includes(name) ? `${name}(NULL)` : name
    const { rows } = await query.sql(`DESCRIBE SELECT * FROM ${from}`)
    const text = sections.get(name)?.replaceAll(/\s+/g, ' ') ?? ''
    expect(text).toContain(rows.map(([column]) => `\`${String(column)}\``).join(', '))
  })
})
