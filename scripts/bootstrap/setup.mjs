import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { installHooks } from './git-hooks.mjs'
import { withLock } from './lock.mjs'
import { root, stamps } from './places.mjs'
import { buildHash, installHash, readStamp, unbuilt, writeStamp } from './stamp.mjs'
import { step } from './step.mjs'
import { fetchTool, toolchain, writeShims } from './toolchain.mjs'

/** Lives inside node_modules: whoever deletes the folder deletes the claim that it is complete. */
const installStamp = resolve(root, 'node_modules', '.vectra-installed')
const buildStamp = resolve(stamps, 'built')

/**
 * Brings the clone to the state in which everything runs: tools, dependencies, build.
 *
 * Does nothing, without taking a lock, when the stamps match what is on disk. Each step writes its stamp
 * last, so an interrupted run is simply continued by the next one.
 *
 * @returns {Promise<ReturnType<typeof toolchain>>} how to run things in this clone
 */
export async function setup({ build = true } = {}) {
  const chain = toolchain()
  if (pending(chain, build).length === 0) return chain
  await withLock(async () => {
    for (const pin of toolchain().missing) await fetchTool(pin)
    writeShims(chain)
    if (pending(chain, build).includes('install')) await install(chain)
    if (pending(chain, build).includes('build')) await compile(chain)
    installHooks()
  })
  return chain
}

/** What is left to do; `install` implies `build` only when a package changed, which its own hash tells. */
function pending(chain, build) {
  const left = []
  if (toolchain().missing.length > 0) left.push('tools')
  if (!existsSync(installStamp) || readStamp(installStamp) !== installHash(chain.nodeVersion)) left.push('install')
  if (build && (readStamp(buildStamp) !== buildHash(chain.nodeVersion) || unbuilt().length > 0)) left.push('build')
  return left
}

async function install(chain) {
  const wanted = installHash(chain.nodeVersion)
  await step('install dependencies', {
    file: chain.node,
    args: [chain.pnpm, 'install', '--frozen-lockfile', '--prefer-offline'],
    env: { ...chain.env, CI: 'true' },
    repeat: '.tools/bin/pnpm install --frozen-lockfile',
  })
  writeStamp(installStamp, wanted)
}

async function compile(chain) {
  const wanted = buildHash(chain.nodeVersion)
  await step('build', {
    file: chain.node,
    args: [chain.pnpm, 'exec', 'turbo', 'run', 'build', '--output-logs=errors-only'],
    env: chain.env,
    repeat: '.tools/bin/pnpm build',
  })
  writeStamp(buildStamp, wanted)
}
