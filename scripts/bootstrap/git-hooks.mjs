import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from './places.mjs'
import { say } from './step.mjs'

const HOOKS = 'scripts/git-hooks'

/**
 * Points this clone's `core.hooksPath` at the checked-in hooks (branch name, commit subject).
 *
 * Only when nothing of the person's own is in the way: never over another `core.hooksPath`, never when
 * `.git/hooks` holds a hook, never in CI, never with `VECTRA_NO_HOOKS=1`.
 */
export function installHooks() {
  if (process.env.CI || process.env.VECTRA_NO_HOOKS || process.platform === 'win32') return
  const top = git('rev-parse', '--show-toplevel')
  if (top !== root || git('config', '--get', 'core.hooksPath') !== undefined) return
  const common = git('rev-parse', '--git-common-dir')
  if (common === undefined) return
  const present = resolve(root, common, 'hooks')
  if (existsSync(present) && readdirSync(present).some((name) => !name.endsWith('.sample'))) return
  if (git('config', '--local', 'core.hooksPath', HOOKS) !== undefined) {
    say(`git hooks on (branch name, commit subject); off with: git config --local core.hooksPath .git/hooks`)
  }
}

function git(...args) {
  const result = spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  return result.status === 0 ? result.stdout.trim() : undefined
}
