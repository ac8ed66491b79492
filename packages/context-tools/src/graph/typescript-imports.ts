import type { Comment, EcmaScriptModule, StaticExportEntry, StaticImportEntry } from 'oxc-parser'
import type { ImportedName, ImportFact } from './facts.ts'
import type { LineIndex } from './line-index.ts'

/** Static imports and re-exports, from the parser's own module record. */
export function importsOf(module: EcmaScriptModule, lines: LineIndex): ImportFact[] {
  const found: ImportFact[] = module.staticImports.map((statement) => ({
    specifier: statement.moduleRequest.value,
    names: statement.entries.map(imported),
    kind: 'static',
    typeOnly: statement.entries.length > 0 && statement.entries.every((entry) => entry.isType),
    conditional: false,
    ...lines.at(statement.start),
  }))
  for (const statement of module.staticExports) {
    const bySource = new Map<string, StaticExportEntry[]>()
    for (const entry of statement.entries) {
      if (entry.moduleRequest === null) continue
      const list = bySource.get(entry.moduleRequest.value) ?? []
      list.push(entry)
      bySource.set(entry.moduleRequest.value, list)
    }
    for (const [specifier, entries] of bySource) {
      found.push({
        specifier,
        names: entries.map((entry) => ({ name: entry.importName.name ?? '*', local: null, typeOnly: entry.isType })),
        kind: 'reexport',
        typeOnly: entries.every((entry) => entry.isType),
        conditional: false,
        ...lines.at(statement.start),
      })
    }
  }
  return found
}

/** `/// <reference path="…" />` lines. */
export function referencesOf(comments: readonly Comment[], lines: LineIndex): ImportFact[] {
  return comments.flatMap((comment) => {
    const path = comment.type === 'Line' ? /^\/\s*<reference\s+path=["']([^"']+)["']/.exec(comment.value)?.[1] : undefined
    if (path === undefined) return []
    const specifier = /^\.{0,2}\//.test(path) ? path : `./${path}`
    return [
      {
        specifier,
        names: [{ name: '*', local: null, typeOnly: true }],
        kind: 'type-reference',
        typeOnly: true,
        conditional: false,
        ...lines.at(comment.start),
      },
    ]
  })
}

function imported(entry: StaticImportEntry): ImportedName {
  const kind: string = entry.importName.kind
  const name = kind === 'Name' ? (entry.importName.name ?? '*') : kind === 'Default' ? 'default' : '*'
  return { name, local: entry.localName.value, typeOnly: entry.isType }
}
