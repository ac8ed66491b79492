#!/usr/bin/env node
// The JSON Schemas in the repository are what the zod schemas would write today.
import { join } from 'node:path'
import { root } from './bootstrap/places.mjs'
import { toolchain } from './bootstrap/toolchain.mjs'
import { outputOf } from './output-of.mjs'
import { tally } from './tally.mjs'

const chain = toolchain()
const results = tally()
await results.check('packages/schemas/json-schema equals the zod schemas', async () => {
  const args = ['--conditions=@vectra/source', 'scripts/json-schema.ts', '--check']
  process.stdout.write(await outputOf(chain.node, args, { cwd: join(root, 'packages/schemas'), env: chain.env }))
})
process.exitCode = results.close()
