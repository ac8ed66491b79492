#!/usr/bin/env node
// The next release, rehearsed offline in a scratch copy: `changeset version` must work on the pending changesets,
// raise every package they name, and write its changelog.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './bootstrap/places.mjs'
import { workspacePackages } from './bootstrap/stamp.mjs'
import { toolchain } from './bootstrap/toolchain.mjs'
import { outputOf } from './output-of.mjs'
import { tally } from './tally.mjs'

const chain = toolchain()
const results = tally()
const pending = readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md')
const packages = workspacePackages()
const byName = new Map(packages.map((item) => [item.manifest.name, item]))

/** Packages named in the front matter of a changeset. */
function namedIn(file) {
  const front = /^---\n([\s\S]*?)\n---/.exec(readFileSync(join(root, '.changeset', file), 'utf8'))?.[1] ?? ''
  return [...front.matchAll(/^['"]?(@[^'":]+)['"]?:\s*(major|minor|patch)$/gm)].map((match) => match[1] ?? '')
}

await results.check('changesets name packages that exist, and every published package has a version or a changeset', () => {
  const named = new Set(pending.flatMap(namedIn))
  const unknown = [...named].filter((name) => !byName.has(name))
  if (unknown.length > 0) throw new Error(`no such package: ${unknown.join(', ')}`)
  const forgotten = packages.filter(
    ({ manifest }) => !manifest.private && manifest.version === '0.0.0' && !named.has(manifest.name),
  )
  if (forgotten.length > 0)
    throw new Error(`never released and in no changeset: ${forgotten.map(({ manifest }) => manifest.name).join(', ')}`)
})

const scratch = mkdtempSync(join(tmpdir(), 'vectra-versions-'))
try {
  await results.check(`changeset version, offline, on ${pending.length} changesets`, async () => {
    for (const file of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', '.changeset'])
      cpSync(join(root, file), join(scratch, file), { recursive: true })
    for (const { dir } of packages)
      cpSync(join(root, dir, 'package.json'), join(scratch, dir, 'package.json'), { recursive: true })
    for (const { dir } of packages) {
      const changelog = join(dir, 'CHANGELOG.md')
      if (existsSync(join(root, changelog))) cpSync(join(root, changelog), join(scratch, changelog))
    }
    symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'))
    const git = (...args) => outputOf('git', ['-c', 'user.name=ci', '-c', 'user.email=ci@localhost', ...args], { cwd: scratch })
    await git('init', '-q', '-b', 'main')
    await git('add', '.changeset', 'package.json')
    await git('commit', '-q', '-m', 'chore: scratch')
    const env = { ...chain.env, npm_config_offline: 'true' }
    await outputOf(chain.node, [join(root, 'node_modules/@changesets/cli/bin.js'), 'version'], { cwd: scratch, env })
    const left = readdirSync(join(scratch, '.changeset')).filter((name) => pending.includes(name))
    if (left.length > 0) throw new Error(`not consumed: ${left.join(', ')}`)
  })
  for (const name of new Set(pending.flatMap(namedIn))) {
    const item = byName.get(name)
    if (!item) continue
    await results.check(`${name}: new version and changelog`, () => {
      const { version } = JSON.parse(readFileSync(join(scratch, item.dir, 'package.json'), 'utf8'))
      if (version === item.manifest.version) throw new Error(`still ${version}`)
      const changelog = readFileSync(join(scratch, dirname(join(item.dir, 'package.json')), 'CHANGELOG.md'), 'utf8')
      if (!changelog.includes(`## ${version}`)) throw new Error(`CHANGELOG.md has no section ${version}`)
    })
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
process.exitCode = results.close()
