import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './places.mjs'

/** Folders whose members are workspace packages (pnpm-workspace.yaml names the same). */
const GROUPS = ['packages', 'apps', 'tests']
/** Inside a package, what a build never reads. */
const NOT_SOURCE = new Set(['node_modules', 'dist', 'test', 'bench', 'coverage', 'test-results', '.turbo'])

/** Workspace packages: folder relative to the root, and its package.json. */
export function workspacePackages() {
  const found = []
  for (const group of GROUPS) {
    if (!existsSync(join(root, group))) continue
    for (const name of readdirSync(join(root, group)).sort()) {
      const manifest = join(root, group, name, 'package.json')
      if (existsSync(manifest)) found.push({ dir: `${group}/${name}`, manifest: JSON.parse(readFileSync(manifest, 'utf8')) })
    }
  }
  return found
}

/** What `pnpm install` depends on: lockfile, workspace file, every manifest, the running platform. */
export function installHash(nodeVersion) {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'scripts/bootstrap/pins.json']
  for (const { dir } of workspacePackages()) files.push(`${dir}/package.json`)
  return hash([process.platform, process.arch, nodeVersion], files)
}

/**
 * The packages a build has to make.
 *
 * @param {string} [name]  only this package and what it depends on inside the workspace; default all
 */
export function buildable(name) {
  const packages = workspacePackages().filter(({ manifest }) => manifest.scripts?.build)
  if (name === undefined) return packages
  const wanted = new Set([name])
  // A set grows while it is walked, so this reaches everything that is reachable.
  for (const each of wanted) {
    const found = packages.find(({ manifest }) => manifest.name === each)
    for (const dependency of Object.keys(found?.manifest.dependencies ?? {})) wanted.add(dependency)
  }
  return packages.filter(({ manifest }) => wanted.has(manifest.name))
}

/** What a build depends on: every source file and build setting of these packages. */
export function buildHash(nodeVersion, packages) {
  const files = ['tsconfig.base.json', 'tsup.base.ts', 'turbo.json', 'pnpm-lock.yaml']
  for (const { dir } of packages) walk(join(root, dir), (path) => files.push(relative(root, path)))
  return hash([nodeVersion], files)
}

/** Packages without a `dist` (a stamp alone does not prove that the output is still there). */
export function unbuilt(packages) {
  return packages.filter(({ dir }) => !existsSync(join(root, dir, 'dist')))
}

export function readStamp(path) {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Written last and by rename: a stamp says the work before it is finished. */
export function writeStamp(path, value) {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, `${value}\n`)
  renameSync(temporary, path)
}

function walk(dir, visit) {
  for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (NOT_SOURCE.has(entry.name) || entry.name.endsWith('.md')) continue
    const path = join(dir, entry.name)
    if (entry.isDirectory()) walk(path, visit)
    else if (entry.isFile()) visit(path)
  }
}

function hash(words, files) {
  const digest = createHash('sha256')
  for (const word of words) digest.update(`${word}\0`)
  for (const file of files) {
    digest.update(`${file}\0`)
    try {
      digest.update(readFileSync(join(root, file)))
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
      digest.update('absent')
    }
    digest.update('\0')
  }
  return digest.digest('hex')
}
