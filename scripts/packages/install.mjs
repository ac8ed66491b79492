import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { outputOf } from '../output-of.mjs'

/**
 * Installs all tarballs into one empty project and imports each package there, the way a user would: plain Node,
 * no source condition, no workspace links, and outside the repository, whose node_modules would lend what a package forgot.
 */
export async function installAndImport(chain, packed, chosen, results) {
  const project = mkdtempSync(join(tmpdir(), 'vectra-packed-'))
  try {
    await inProject(project, chain, packed, chosen, results)
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

async function inProject(project, chain, packed, chosen, results) {
  const tarballs = Object.fromEntries(packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]))
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty-project', private: true, type: 'module', dependencies: tarballs }),
  )
  // A workspace file of its own: the project must not become a member of ours, and siblings must come from the tarballs too.
  const overrides = Object.entries(tarballs).map(([name, path]) => `  '${name}': '${path}'`)
  const settings = ['packages: []', 'allowBuilds: {}', 'strictDepBuilds: false', 'overrides:', ...overrides, '']
  writeFileSync(join(project, 'pnpm-workspace.yaml'), settings.join('\n'))
  const installed = await results.check(`install ${packed.length} tarballs into an empty project`, async () => {
    await outputOf(chain.node, [chain.pnpm, 'install', '--prefer-offline', '--no-lockfile'], {
      cwd: project,
      env: { ...chain.env, CI: 'true' },
    })
    return true
  })
  if (!installed) return
  for (const { manifest } of chosen) {
    await results.check(`${manifest.name}: import from the tarball`, () => importAlone(chain, project, manifest.name))
    for (const name of Object.keys(manifest.bin ?? {})) {
      await results.check(`${manifest.name}: ${name} --help`, () => runBin(chain, project, name))
    }
  }
}

async function importAlone(chain, project, name) {
  const source = `const names = Object.keys(await import(${JSON.stringify(name)})); if (names.length === 0) throw new Error('exports nothing'); console.log(names.length)`
  await outputOf(chain.node, ['--input-type=module', '--eval', source], { cwd: project, env: chain.env })
}

async function runBin(chain, project, name) {
  const printed = await outputOf(join(project, 'node_modules', '.bin', name), ['--help'], { cwd: project, env: chain.env })
  if (printed.trim() === '') throw new Error('printed nothing on stdout')
}
