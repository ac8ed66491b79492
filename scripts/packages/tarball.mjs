import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../bootstrap/places.mjs'
import { outputOf } from '../output-of.mjs'

/** Never in a tarball: tests, settings, other people's modules. */
const UNWANTED =
  /(^|\/)(test|bench|node_modules|coverage|\.turbo|test-results)\/|\.(test|bench)\.ts$|(^|\/)(tsconfig[^/]*\.json|[^/]+\.config\.ts|.*\.tsbuildinfo|\.env.*)$/

/** What is true of a package once it is a tarball. Each check throws, saying what is wrong. */
export const inspectTarball = {
  /** @returns {Promise<string>} absolute path of the tarball */
  async pack(chain, { dir }, workbench) {
    mkdirSync(workbench, { recursive: true })
    const args = [chain.pnpm, 'pack', '--json', '--pack-destination', workbench]
    const printed = JSON.parse(await outputOf(chain.node, args, { cwd: join(root, dir), env: chain.env }))
    const { filename } = Array.isArray(printed) ? printed[0] : printed
    return filename.startsWith('/') ? filename : join(workbench, filename)
  },

  async contents({ dir, manifest }, tarball) {
    const files = (await outputOf('tar', ['-tzf', tarball])).trim().split('\n')
    const names = files.map((file) => file.replace(/^package\//, ''))
    const wanted = [
      'package.json',
      'README.md',
      'LICENSE',
      'dist/index.js',
      'dist/index.js.map',
      'dist/index.d.ts',
      'src/index.ts',
    ]
    const missing = wanted.filter((name) => !names.includes(name))
    const unwanted = names.filter((name) => UNWANTED.test(name))
    const packed = JSON.parse(await outputOf('tar', ['-xzOf', tarball, 'package/package.json']))
    const ranges = Object.entries({ ...packed.dependencies, ...packed.peerDependencies })
    const unresolved = ranges.filter(([, range]) => /^(workspace|catalog|link|file):/.test(range)).map(([name]) => name)
    const changed = existingChangelog(dir) && !names.includes('CHANGELOG.md') ? ['CHANGELOG.md exists but is not packed'] : []
    const bins = Object.values(packed.bin ?? {}).filter((path) => !names.includes(path.replace(/^\.\//, '')))
    const faults = [
      ...missing.map((name) => `missing: ${name}`),
      ...unwanted.map((name) => `does not belong into the tarball: ${name}`),
      ...unresolved.map((name) => `range of ${name} was not resolved`),
      ...bins.map((path) => `bin ${path} is not in the tarball`),
      ...changed,
    ]
    if (faults.length > 0) throw new Error(`${manifest.name}:\n${faults.join('\n')}`)
  },

  async publint(chain, tarball) {
    await outputOf(chain.node, [chain.pnpm, 'exec', 'publint', 'run', tarball, '--strict'], { cwd: root, env: chain.env })
  },

  async types(chain, tarball) {
    const args = [chain.pnpm, 'exec', 'attw', tarball, '--profile', 'esm-only', '--no-emoji', '--no-color']
    await outputOf(chain.node, args, { cwd: root, env: chain.env })
  },
}

function existingChangelog(dir) {
  try {
    return readFileSync(join(root, dir, 'CHANGELOG.md')).length > 0
  } catch {
    return false
  }
}
