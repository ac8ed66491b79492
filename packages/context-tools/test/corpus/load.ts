import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A row with the verdict a person gave it after reading the code. */
export interface LabelledRow {
  readonly context: string
  readonly target: string
  readonly relation: string
  readonly label: 'VERIFIED' | 'CONTRADICTED'
}

/** A small project written for this corpus, with its labelled rows. */
export interface CorpusProject {
  readonly name: string
  readonly language: 'typescript' | 'python'
  readonly files: Readonly<Record<string, string>>
  readonly rows: readonly LabelledRow[]
}

/** Names of the projects in this folder. */
export const PROJECTS = [
  ['market', 'typescript'],
  ['shop', 'typescript'],
  ['player', 'python'],
  ['labs', 'python'],
] as const

/** Reads a project out of its text file. */
export function loadProject(name: string, language: CorpusProject['language']): CorpusProject {
  const text = readFileSync(new URL(`./${name}.txt`, import.meta.url), 'utf8')
  const files: Record<string, string> = {}
  const rows: LabelledRow[] = []
  for (const part of text.split(/^=== /m).slice(1)) {
    const end = part.indexOf('\n')
    const head = part.slice(0, end).trim()
    const body = part.slice(end + 1)
    if (!head.startsWith('ROWS ')) {
      files[head] = body
      continue
    }
    const context = head.slice(5)
    for (const line of body.split('\n').filter((one) => one.trim() !== '')) {
      const match = /^([VC]) (\S+) \| (.+)$/.exec(line)
      if (match === null) throw new Error(`${name}: not a row: ${line}`)
      rows.push({ context, target: match[2]!, relation: match[3]!, label: match[1] === 'V' ? 'VERIFIED' : 'CONTRADICTED' })
    }
  }
  return { name, language, files, rows }
}

/** The CONTEXT.md texts that state the rows of a project. */
export function contextsOf(rows: readonly Pick<LabelledRow, 'context' | 'target' | 'relation'>[]): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const { context, target, relation } of rows) {
    texts[context] ??=
      `# ${context} Context\n\n## Purpose\nPart of the corpus.\n\n## Related Scripts\n| Script | Relationship |\n|--------|--------------|\n`
    texts[context] += `| \`${target}\` | ${relation} |\n`
  }
  return texts
}

/** Writes files below a fresh folder; call `remove` when done. */
export function writeTree(files: Readonly<Record<string, string | Uint8Array>>): { root: string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'vectra-context-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) }
}
