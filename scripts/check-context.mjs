#!/usr/bin/env node
// Every CONTEXT.md is there and true. The box "Indexed" is a claim like any other: the search tables are filled first, without a
// model, into a folder of their own, and hold the text or do not.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './bootstrap/places.mjs'
import { toolchain } from './bootstrap/toolchain.mjs'

const chain = toolchain()
const data = mkdtempSync(join(tmpdir(), 'vectra-context-'))
const vectra = (...args) =>
  spawnSync(chain.node, [join(root, 'apps/cli/dist/main.js'), '--data-dir', data, ...args], {
    cwd: root,
    env: chain.env,
    stdio: 'inherit',
  }).status ?? 1
try {
  process.exitCode =
    vectra('index', 'run', '--table', 'code', '--model', 'none', '--repo', root, '--quiet') ||
    vectra('context', 'check', '--indexed', '--repo', root)
} finally {
  rmSync(data, { recursive: true, force: true })
}
