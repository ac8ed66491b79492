import type { Subject } from '../check/subject.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import { baseOf, folderOf, stemOf } from '../model/locate.ts'
import { type JsonObject, jsonOf } from './json-object.ts'

/**
 * Purpose candidate from what the authors already wrote: the module's docstring, the package's description, the
 * README's first paragraph, the docstring of the file most others use. Failing all, its exported names.
 */
export async function purposeOf(graph: EvidenceGraph, contextPath: string, subject: Subject): Promise<string> {
  const folder = folderOf(contextPath)
  const inside = folder === '' ? '' : `${folder}/`
  const front =
    subject.own.find((path) => /(^|\/)(__init__\.py|index\.[cm]?[jt]sx?|mod\.ts|main\.[cm]?[jt]s)$/.test(path)) ??
    (subject.own.length === 1 ? subject.own[0] : undefined)
  const doc = front === undefined ? null : (await graph.facts(front))?.doc
  if (doc != null) return doc
  const described = await description(graph, folder)
  if (described !== null) return sentence(described)
  const readme = (await graph.view.read(`${inside}README.md`))?.toString('utf8') ?? ''
  const paragraph = readme
    .split(/\r?\n\s*\r?\n/)
    .map((one) => one.trim())
    .find((one) => one !== '' && !/^(#|!|\[!|<|```|\||-|\*|>)/.test(one))
  if (paragraph !== undefined) return sentence(paragraph.replace(/\s+/g, ' '))
  const docs: { path: string; doc: string; weight: number }[] = []
  const names: string[] = []
  for (const path of subject.own) {
    const facts = await graph.facts(path)
    if (facts === null) continue
    const exported = facts.exports
      .filter((one) => one.kind !== 'reexport' && !one.name.startsWith('_') && one.name !== '*')
      .map((one) => one.name)
    names.push(...exported)
    if (facts.doc !== null)
      docs.push({ path, doc: facts.doc, weight: exported.length + (baseOf(stemOf(path)) === baseOf(folder) ? 100 : 0) })
  }
  docs.sort((a, b) => b.weight - a.weight || (a.path < b.path ? -1 : 1))
  const [best] = docs
  if (best !== undefined) return best.doc
  if (names.length > 0)
    return `Defines ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}.`
  return 'TODO: say in one sentence what this module does.'
}

async function description(graph: EvidenceGraph, folder: string): Promise<string | null> {
  for (const home of [folder, /(^|\/)(src|lib)$/.test(folder) ? folderOf(folder) : null]) {
    if (home === null) continue
    const json: JsonObject | null = jsonOf(
      (await graph.view.read(home === '' ? 'package.json' : `${home}/package.json`))?.toString('utf8') ?? '',
    )
    if (typeof json?.['description'] === 'string' && json['description'].trim() !== '') return json['description']
  }
  return null
}

function sentence(text: string): string {
  const first = /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text
  return (/[.!?]$/.test(first) ? first : `${first}.`).slice(0, 300)
}
