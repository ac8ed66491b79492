import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of the repository these tests stand in. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

/** What the rules read; of any other file they only want to know that it exists. */
const READ = /\.(tsx?|mjs|json|md)$/

/** Every file git knows or would know (ignored files are nobody's business), by path relative to the root; unread ones are empty. */
export function readRepository(root: string = ROOT): Map<string, string> {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  const files = new Map<string, string>()
  for (const path of list.split('\0')) {
    const absolute = join(root, path)
    if (path !== '' && existsSync(absolute)) files.set(path, READ.test(path) ? readFileSync(absolute, 'utf8') : '')
  }
  return files
}
