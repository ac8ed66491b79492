/**
 * Writes json-schema/*.json from the zod schemas, and removes files that no schema stands behind.
 *
 * `pnpm json-schema` writes; `pnpm json-schema --check` writes nothing, names each file that differs and exits 1.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { jsonSchemaFiles } from './json-schema-files.ts'

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const folder = fileURLToPath(new URL('../json-schema/', import.meta.url))
const wanted = jsonSchemaFiles()

mkdirSync(folder, { recursive: true })
const present = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, readFileSync(folder + name, 'utf8')]),
)
const stale = [...wanted].filter(([name, text]) => present.get(name) !== text).map(([name]) => name)
const extra = [...present.keys()].filter((name) => !wanted.has(name))

if (values.check) {
  for (const name of stale) console.error(`json-schema/${name} differs from its zod schema`)
  for (const name of extra) console.error(`json-schema/${name} has no zod schema`)
  if (stale.length + extra.length > 0) {
    console.error('run `pnpm json-schema` in packages/schemas and commit the result')
    process.exitCode = 1
  }
} else {
  for (const name of stale) writeFileSync(folder + name, wanted.get(name) ?? '')
  for (const name of extra) rmSync(folder + name)
}
console.log(
  `json-schema: ${wanted.size} files, ${stale.length} ${values.check ? 'stale' : 'written'}, ${extra.length} ${values.check ? 'without a schema' : 'removed'}`,
)
