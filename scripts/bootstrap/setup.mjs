import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { installHooks } from './git-hooks.mjs'
import { withLock } from './lock.mjs'
import { root, stamps } from './places.mjs'
import { buildable, buildHash, installHash, readStamp, unbuilt, writeStamp } from './stamp.mjs'
import { step } from './step.mjs'
import { fetchTool, toolchain, writeShims } from './toolchain.mjs'

/** Lives inside node_modules: whoever deletes the folder deletes the claim that it is complete. */
const installStamp = resolve(root, 'node_modules', '.vectra-installed')

/** What a verb needs built: the command line with what it stands on, or every package. */
const SCOPES = {
  cli: {
    name: '@vectra/cli',
    says: 'build the command line',
    filter: ['--filter=@vectra/cli'],
    stamp: resolve(stamps, 'built-cli'),
  },
  all: { name: undefined, says: 'build', filter: [], stamp: resolve(stamps, 'built-all') },
}

/**
 * Brings the clone to the state in which everything runs: tools, dependencies, build.
 *
 * Does nothing, without taking a lock, when the stamps match what is on disk. Each step writes its stamp
 * last, so an interrupted run is simply continued by the next one.
 *
 * @param {'cli' | 'all'} scope
 * @returns {Promise<ReturnType<typeof toolchain>>} how to run things in this clone
 */
export async function setup(scope) {
  const chain = toolchain()
  if (pending(chain, scope).length === 0) return chain
  await withLock(async () => {
    for (const pin of toolchain().missing) await fetchTool(pin)
    writeShims(chain)
    if (pending(chain, scope).includes('install')) await install(chain)
    if (pending(chain, scope).includes('build')) await compile(chain, scope)
    installHooks()
  })
  return chain
}

/** What is left to do; `install` implies `build` only when a package changed, which its own hash tells. */
function pending(chain, scope) {
  const left = []
  if (toolchain().missing.length > 0) left.push('tools')
  if (!existsSync(installStamp) || readStamp(installStamp) !== installHash(chain.nodeVersion)) left.push('install')
  const packages = buildable(SCOPES[scope].name)
  if (readStamp(SCOPES[scope].stamp) !== buildHash(chain.nodeVersion, packages) || unbuilt(packages).length > 0)
    left.push('build')
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

async function compile(chain, scope) {
  const { name, says, filter, stamp } = SCOPES[scope]
  const wanted = buildHash(chain.nodeVersion, buildable(name))
  await step(says, {
    file: chain.node,
    args: [chain.pnpm, 'exec', 'turbo', 'run', 'build', '--output-logs=errors-only', ...filter],
    env: chain.env,
    repeat: ['.tools/bin/pnpm build', ...filter].join(' '),
  })
  writeStamp(stamp, wanted)
}
