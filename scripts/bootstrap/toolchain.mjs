import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { tools } from './places.mjs'
import { StepError, step } from './step.mjs'

const PINS = JSON.parse(readFileSync(new URL('./pins.json', import.meta.url), 'utf8'))
const NODE_MAJOR = 24

/**
 * @typedef {{ package: string, version: string, bin: string, integrity: string, folder: string, says: string }} Pin
 */

/**
 * The Node and pnpm this clone works with.
 *
 * @returns {{ node: string, nodeVersion: string, pnpm: string, env: NodeJS.ProcessEnv, missing: Pin[] }}
 *   absolute paths, an environment that finds both first, and what still has to be fetched
 */
export function toolchain() {
  const own = Number(process.versions.node.split('.')[0])
  const nodePin = own >= NODE_MAJOR ? undefined : pinnedNode()
  const pnpmPin = { ...PINS.pnpm, folder: 'pnpm', says: `fetch pnpm ${PINS.pnpm.version}` }
  const node = nodePin ? installedPath(nodePin) : process.execPath
  const bin = resolve(tools, 'bin')
  return {
    node,
    nodeVersion: nodePin?.version ?? process.versions.node,
    pnpm: installedPath(pnpmPin),
    env: quietEnv([dirname(node), bin]),
    missing: [nodePin, pnpmPin].filter((pin) => pin !== undefined && !isInstalled(pin)),
  }
}

/** Fetches one pinned tool through npm into a folder of its own, which appears by rename when it is whole and checked. */
export async function fetchTool(pin) {
  const target = resolve(tools, pin.folder)
  // Whatever an interrupted run left; the lock says that nobody is at work on it.
  for (const name of readdirSync(tools)) {
    if (name.startsWith(`${pin.folder}.`) && name.endsWith('.tmp')) rmSync(resolve(tools, name), { recursive: true, force: true })
  }
  const fresh = resolve(tools, `${pin.folder}.${process.pid}.tmp`)
  mkdirSync(fresh, { recursive: true })
  writeFileSync(join(fresh, 'package.json'), '{"private":true}\n')
  const args = ['install', '--prefix', fresh, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  args.push(`${pin.package}@${pin.version}`)
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  try {
    await step(pin.says, {
      file: npm,
      args,
      cwd: fresh,
      env: npmEnv(),
      repeat: `npm view ${pin.package}@${pin.version} && npm test`,
    })
    checkIntegrity(pin, fresh)
    rmSync(target, { recursive: true, force: true })
    renameSync(fresh, target)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** `.tools/bin/pnpm`, for people and scripts that want the pinned pnpm by name. */
export function writeShims({ node, pnpm }) {
  const windows = process.platform === 'win32'
  const path = resolve(tools, 'bin', windows ? 'pnpm.cmd' : 'pnpm')
  const text = windows ? `@"${node}" "${pnpm}" %*\r\n` : `#!/bin/sh\nexec "${node}" "${pnpm}" "$@"\n`
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, text)
  chmodSync(temporary, 0o755)
  renameSync(temporary, path)
}

function pinnedNode() {
  const key = `${process.platform}-${process.arch}`
  const known = PINS.node[key]
  const pin = known && { ...known, folder: 'node', says: `fetch Node ${known.version}` }
  if (pin && isInstalled(pin)) return pin
  const musl = process.platform === 'linux' && !usesGlibc()
  if (!pin || musl) {
    throw new StepError('choose a Node', `no pinned Node ${NODE_MAJOR} for ${key}${musl ? ' (musl)' : ''} in the npm registry`, {
      repeat: `install Node ${NODE_MAJOR} or newer by hand, then run the same command again (this is ${process.version})`,
    })
  }
  return pin
}

/** The pinned binaries are built against glibc. Asked only before fetching one: a report takes its time. */
function usesGlibc() {
  Object.assign(process.report, { excludeNetwork: true })
  return Boolean(/** @type {any} */ (process.report.getReport()).header.glibcVersionRuntime)
}

function installedPath(pin) {
  return resolve(tools, pin.folder, 'node_modules', pin.package, pin.bin)
}

function isInstalled(pin) {
  if (!existsSync(installedPath(pin))) return false
  try {
    const manifest = resolve(tools, pin.folder, 'node_modules', pin.package, 'package.json')
    return JSON.parse(readFileSync(manifest, 'utf8')).version === pin.version
  } catch {
    return false
  }
}

/** npm checked the download against what the registry says; this checks what the registry says against our pin. */
function checkIntegrity(pin, dir) {
  const lock = JSON.parse(readFileSync(join(dir, 'node_modules', '.package-lock.json'), 'utf8'))
  const got = lock.packages[`node_modules/${pin.package}`]?.integrity
  if (got !== pin.integrity) {
    throw new StepError(pin.says, `the registry's ${pin.package}@${pin.version} is not the pinned one (${got})`, {
      repeat: `npm view ${pin.package}@${pin.version} dist.integrity`,
    })
  }
}

function quietEnv(firstOnPath) {
  const env = { ...npmEnv(), TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' }
  const name = Object.keys(env).find((key) => key.toLowerCase() === 'path') ?? 'PATH'
  env[name] = [...firstOnPath, env[name] ?? ''].join(delimiter)
  return env
}

/** `npm run` hands its own settings down as npm_*; they would steer the package managers we start. */
function npmEnv() {
  const inherited =
    /^npm_(lifecycle|package|command|execpath|node_execpath|config_(local_prefix|prefix|global_prefix|noproxy|user_agent|init_module))/i
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !inherited.test(key)))
}
