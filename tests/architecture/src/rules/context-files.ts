import type { Finding, Workspace } from '../workspace.ts'

/** The five sections of a CONTEXT.md, in order. */
const SECTIONS = ['Purpose', 'Related Scripts', 'Data Flow', 'Key Decisions', 'Status'] as const

/** How one script may relate to another. */
const RELATIONSHIPS = [
  'Imports ',
  'Subscribes to events from',
  'Publishes events to',
  'Provides data to',
  'Receives data from',
  'Inherits from',
  'Implements interface',
] as const

/** Folders outside the packages that hold scripts of their own. */
const OTHER_MODULES = ['', 'scripts', 'tests/architecture']

/** Every module folder has a CONTEXT.md: each package, and each folder of sources inside one. */
export function contextPresent(workspace: Workspace): Finding[] {
  const folders = new Set(OTHER_MODULES)
  for (const { dir } of workspace.packages) folders.add(dir)
  for (const module of workspace.modules) {
    const folder = module.path.slice(0, module.path.lastIndexOf('/'))
    if (module.area === 'src' && folder !== `${module.package.dir}/src`) folders.add(folder)
  }
  return [...folders]
    .map((folder) => (folder === '' ? 'CONTEXT.md' : `${folder}/CONTEXT.md`))
    .filter((path) => !workspace.files.has(path))
    .map((path) => ({ path, line: 1, message: 'missing: this folder is a module' }))
}

/** Every CONTEXT.md has the agreed form, and names only scripts that exist. */
export function contextForm(workspace: Workspace): Finding[] {
  const known = new Set(
    workspace.packages.flatMap(({ manifest }) => Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })),
  )
  const findings: Finding[] = []
  for (const [path, text] of workspace.files) {
    if (!/(^|\/)CONTEXT\.md$/.test(path) || /(^|\/)(test|fixtures|corpus)\//.test(path)) continue
    findings.push(...checkForm(path, text, (script) => known.has(script) || exists(path, script, workspace.files)))
  }
  return findings
}

function checkForm(path: string, text: string, isThere: (script: string) => boolean): Finding[] {
  const findings: Finding[] = []
  const lines = text.split('\n')
  const report = (line: number, message: string): void => {
    findings.push({ path, line, message })
  }
  if (!/^# .+ Context$/.test(lines[0] ?? '')) report(1, 'the first line is not "# <name> Context"')
  const headings = lines.flatMap((line, index) =>
    line.startsWith('## ') ? [{ name: line.slice(3).trim(), line: index + 1 }] : [],
  )
  if (headings.map((heading) => heading.name).join() !== SECTIONS.join())
    report(1, `sections are not exactly: ${SECTIONS.join(', ')}`)
  const body = (name: string): { line: number; lines: string[] } => {
    const at = headings.findIndex((heading) => heading.name === name)
    const start = headings[at]?.line ?? 0
    return { line: start, lines: at < 0 ? [] : lines.slice(start, (headings[at + 1]?.line ?? lines.length + 1) - 1) }
  }
  for (const name of SECTIONS) {
    const section = body(name)
    if (section.line > 0 && section.lines.join('').trim() === '') report(section.line, `section ${name} is empty`)
  }
  const scripts = body('Related Scripts')
  if (scripts.line > 0 && !scripts.lines.some((line) => /^\|\s*Script\s*\|\s*Relationship\s*\|$/.test(line))) {
    report(scripts.line, 'Related Scripts has no table "| Script | Relationship |"')
  }
  scripts.lines.forEach((line, index) => {
    const row = /^\|([^|]+)\|(.+)\|\s*$/.exec(line)
    if (row?.[1] === undefined || row[2] === undefined || /^\s*(Script|:?-+:?)\s*$/.test(row[1])) return
    const where = scripts.line + 1 + index
    if (!RELATIONSHIPS.some((word) => row[2]?.trim().startsWith(word))) report(where, `unknown relationship "${row[2].trim()}"`)
    for (const script of scriptsOf(row[1])) if (!isThere(script)) report(where, `${script} does not exist`)
  })
  const status = body('Status')
  if (status.line > 0 && !status.lines.some((line) => /^- \[[ x]\] /.test(line))) report(status.line, 'Status has no checkbox')
  return findings
}

/** File names in the Script cell: back-ticked or bare; packages (`@vectra/…`) and folders are allowed too. */
function scriptsOf(cell: string): string[] {
  const quoted = [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
  return quoted.length > 0 ? quoted : [cell.trim().split(/\s/)[0] ?? '']
}

function exists(from: string, script: string, files: ReadonlyMap<string, string>): boolean {
  if (!/[./]/.test(script) || script.startsWith('@') || script.startsWith('node:')) return true
  const folder = from.includes('/') ? from.slice(0, from.lastIndexOf('/')) : ''
  return [script, join(folder, script), join(folder, `src/${script}`)].some((candidate) => {
    const path = candidate.replace(/\/$/, '').replace(/^\.\//, '')
    return files.has(path) || [...files.keys()].some((known) => known.startsWith(`${path}/`))
  })
}

function join(folder: string, path: string): string {
  const parts = folder === '' ? [] : folder.split('/')
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
