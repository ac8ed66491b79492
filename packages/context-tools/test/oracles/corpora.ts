import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Folder of a downloaded corpus, or `null` with a loud word: CI has to have it. */
export function corpusFolder(name: 'python' | 'typescript'): string | null {
  const folder = fileURLToPath(new URL(`../../.corpora/${name}`, import.meta.url))
  if (existsSync(folder)) return folder
  const message = `SKIPPED: the ${name} corpus is not here; run packages/context-tools/scripts/setup-context-corpora.sh`
  if (process.env['CI'] === 'true' || process.env['CI'] === '1') throw new Error(message)
  process.stderr.write(`${message}\n`)
  return null
}
