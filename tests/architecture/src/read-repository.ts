import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of the repository these tests stand in. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

const READ = /\.(ts|mjs|json|md|ya?ml)$/

/** Every file git knows or would know (ignored files are nobody's business), by path relative to the root. */
export function readRepository(root: string = ROOT): Map<string, string> {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  const files = new Map<string, string>()
  for (const path of list.split('\0')) {
    if (path === '' || !READ.test(path) || path === 'pnpm-lock.yaml') continue
    const absolute = join(root, path)
    if (existsSync(absolute)) files.set(path, readFileSync(absolute, 'utf8'))
  }
  return files
}
