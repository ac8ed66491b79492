#!/usr/bin/env node
// What would be published is what is checked: every package is packed, and the tarball is linted, unpacked,
// installed into an empty project and imported there. `check-packages.mjs @vectra/schemas` checks only the named ones.
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { tools } from './bootstrap/places.mjs'
import { workspacePackages } from './bootstrap/stamp.mjs'
import { toolchain } from './bootstrap/toolchain.mjs'
import { installAndImport } from './packages/install.mjs'
import { inspectTarball } from './packages/tarball.mjs'
import { tally } from './tally.mjs'

const chain = toolchain()
const workbench = resolve(tools, 'packed')
rmSync(workbench, { recursive: true, force: true })

const publishable = workspacePackages().filter(({ dir, manifest }) => !dir.startsWith('tests/') && !manifest.private)
const asked = process.argv.slice(2)
const chosen = publishable.filter(({ manifest }) => asked.length === 0 || asked.includes(manifest.name))
const results = tally()
const packed = []
for (const item of publishable) {
  const tarball = await results.check(`${item.manifest.name}: pack`, () => inspectTarball.pack(chain, item, workbench))
  if (tarball === undefined) continue
  packed.push({ ...item, tarball })
  if (!chosen.includes(item)) continue
  await results.check(`${item.manifest.name}: contents`, () => inspectTarball.contents(item, tarball))
  await results.check(`${item.manifest.name}: publint`, () => inspectTarball.publint(chain, tarball))
  await results.check(`${item.manifest.name}: types (attw, esm-only)`, () => inspectTarball.types(chain, tarball))
}
await installAndImport(chain, packed, chosen, results)
process.exitCode = results.close()
