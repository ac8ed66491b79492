import { checkContexts, reportOf } from '../check/check.ts'
import { answering } from '../check/subject.ts'
import type { ContextReport, RowVerdict } from '../check/types.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import { baseOf, folderOf, isContextPath, stemOf, subjectOf } from '../model/locate.ts'
import { inert, isSecretPath, safeText } from './safety.ts'

/** A note of the debug notes, when a caller has some. */
export interface RecentNote {
  readonly at: string
  readonly text: string
  readonly author?: string
  /** Files it is about, relative to the repository. */
  readonly files?: readonly string[]
}

/** Notes shown at most, and the share of the budget that they may take from the files. */
const MOST_NOTES = 5
const NOTES_SHARE = 0.2

/** What to assemble and how much of it. */
export interface ShowOptions {
  /** Most tokens the answer may take; a token is counted as four characters. Default 1,500. */
  readonly tokens?: number
  /** Newest first; those about the files shown come before the others. */
  readonly notes?: readonly RecentNote[]
}

/**
 * What somebody (or an agent) needs to know of a path or a question: verified rows first, then decisions, neighbours
 * and notes, inside a budget. Everything that comes out of files stands between markers, as data, with its origin.
 */
export async function showContext(graph: EvidenceGraph, asked: string, options: ShowOptions = {}): Promise<string> {
  const paths = await relevant(graph, asked)
  if (paths.length === 0) return `No CONTEXT.md answers for ${JSON.stringify(safeText(asked).slice(0, 200))}.\n`
  const most = (options.tokens ?? 1500) * 4
  const notes = notesBlock(graph, paths, options.notes ?? [], Math.floor(most * NOTES_SHARE))
  const budget = new Budget(most - notes.length)
  for (const path of paths) {
    if (budget.left < 200) {
      budget.put(`(more in ${paths.slice(paths.indexOf(path)).slice(0, 5).join(', ')})\n`)
      break
    }
    budget.put(`${(await one(graph, path, budget.left - 60)).trimEnd()}\n`)
  }
  return budget.text + notes
}

/** Recent notes as data: those about one of the modules first, as many as fit. */
function notesBlock(graph: EvidenceGraph, paths: readonly string[], notes: readonly RecentNote[], most: number): string {
  const subjects = paths.map((path) => subjectOf(path).subject)
  const concerns = (note: RecentNote): boolean =>
    (note.files ?? []).some((file) =>
      subjects.some(
        (subject) => file === subject || file.startsWith(subject === '' ? '' : `${subject}/`) || stemOf(file) === subject,
      ),
    )
  const shown = [...notes.filter(concerns), ...notes.filter((note) => !concerns(note))].slice(0, MOST_NOTES)
  const [open, close] = ['<notes kind="data" origin="debug_notes">\n', '</notes>\n']
  const budget = new Budget(most - open.length - close.length)
  for (const note of shown) {
    const about = (note.files ?? []).filter((file) => graph.view.paths.has(file)).slice(0, 3)
    budget.put(
      `note ${plain(note.at, 40)}${note.author === undefined ? '' : ` by ${plain(note.author, 40)}`}${about.length === 0 ? '' : ` on ${about.join(', ')}`}: ${plain(note.text, 300)}\n`,
    )
  }
  return budget.text === '' ? '' : open + inert(budget.text) + close
}

class Budget {
  text = ''
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  get left(): number {
    return this.#most - this.text.length
  }

  /** Adds a line when it fits as a whole. */
  put(line: string): boolean {
    if (line.length > this.left) return false
    this.text += line
    return true
  }
}

async function one(graph: EvidenceGraph, path: string, most: number): Promise<string> {
  const report = await reportOf(graph, await graph.context(path), new Map(), {}, false)
  const open = `<context path=${inert(JSON.stringify(path))} kind="data" verified="${count(report, 'VERIFIED')}" contradicted="${count(report, 'CONTRADICTED')}" unverifiable="${count(report, 'UNVERIFIABLE')}"${report.stale !== null && report.stale.length > 0 ? ' stale="true"' : ''}>\n`
  const close = '</context>\n'
  const budget = new Budget(most - open.length - close.length)
  if (report.file.purpose !== null) budget.put(`purpose: ${plain(report.file.purpose, 400)}\n`)
  const rank = { VERIFIED: 0, UNVERIFIABLE: 1, CONTRADICTED: 2 }
  for (const row of [...report.rows].sort((a, b) => rank[a.verdict] - rank[b.verdict])) budget.put(rowLine(row))
  for (const edge of report.omitted.slice(0, 8))
    budget.put(
      `OMITTED ${edge.direction === 'out' ? 'imports' : 'imported by'} ${edge.path} (${edge.evidence[0]?.path}:${edge.evidence[0]?.line})\n`,
    )
  for (const decision of report.file.decisions) budget.put(`decision: ${plain(decision, 400)}\n`)
  if (report.stale !== null) for (const change of report.stale) budget.put(`stale: ${change}\n`)
  budget.put(`files: ${plain(report.files.map(baseOf).slice(0, 40).join(', '), 2000)}\n`)
  const near = graph.contexts
    .filter((other) => other !== path && folderOf(folderOf(other)) === folderOf(folderOf(path)))
    .slice(0, 8)
  if (near.length > 0) budget.put(`neighbours: ${near.join(', ')}\n`)
  return open + inert(budget.text) + close
}

function rowLine({ row, verdict, judgements }: RowVerdict): string {
  const evidence = judgements.flatMap(({ judgement }) => judgement.evidence)[0]
  const place = evidence === undefined ? '' : ` (${evidence.path}:${evidence.line})`
  const why = verdict === 'VERIFIED' ? '' : `: ${judgements.map(({ judgement }) => judgement.reason).join('; ')}`
  return `${verdict} ${plain(row.relation, 160)} ${plain(row.target, 200)}${plain(why, 200)}${place}\n`
}

function count(report: ContextReport, verdict: string): number {
  return report.rows.filter((row) => row.verdict === verdict).length
}

function plain(text: string, most: number): string {
  const line = safeText(text).replace(/\s+/g, ' ')
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`
}

/** CONTEXT.md files for a path (its own, then the folders above), or those whose words fit a question best. */
async function relevant(graph: EvidenceGraph, asked: string): Promise<string[]> {
  const path = asked.trim().replace(/^\.\//, '').replace(/\/$/, '')
  const { paths, folders } = graph.view
  if (isSecretPath(path)) return []
  if (paths.has(path) && isContextPath(path)) return [path]
  if (paths.has(path)) {
    const owner = answering(graph, path)
    return owner === null ? [] : [owner]
  }
  if (folders.has(path === '.' ? '' : path)) {
    const folder = path === '.' ? '' : path
    const inside = folder === '' ? '' : `${folder}/`
    const below = graph.contexts.filter((one) => one.startsWith(inside))
    return below.sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1)).slice(0, 6)
  }
  return ranked(graph, asked)
}

async function ranked(graph: EvidenceGraph, question: string): Promise<string[]> {
  const words = wordsOf(question)
  const docs = await Promise.all(
    graph.contexts.map(async (path) => ({
      path,
      words: wordsOf(`${path.repeat(1)} ${path} ${(await graph.view.read(path))?.toString('utf8') ?? ''}`),
    })),
  )
  const frequency = new Map<string, number>()
  for (const doc of docs) for (const word of new Set(doc.words)) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  const scored = docs.map((doc) => {
    let score = 0
    for (const word of new Set(words)) {
      const hits = doc.words.filter((one) => one === word).length
      const rarity = Math.log(1 + docs.length / (frequency.get(word) ?? docs.length + 1))
      score += (hits / (hits + 1.5)) * rarity + (wordsOf(doc.path).includes(word) ? rarity : 0)
    }
    return { path: doc.path, score }
  })
  return scored
    .filter((one) => one.score > 0)
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
    .slice(0, 3)
    .map((one) => one.path)
}

const STOP = new Set(
  'the and for what why how does this that with from are was who which where when context module file data'.split(' '),
)

/** Words of a text, identifiers split at case changes and underscores, plural endings dropped. */
function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 2 && !STOP.has(word))
    .map((word) => word.replace(/(?<=.{3})(?:es|s|ing|ed)$/, ''))
}

/** The `/context` verb: a path, a question, or one of `verify`, `status`, `fix`. */
export async function slashContext(
  graph: EvidenceGraph,
  text: string,
  today: string,
  options: ShowOptions = {},
): Promise<string> {
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) return 'The argument holds control characters and was refused.\n'
  const asked = text.trim()
  if (asked === '' || asked === 'status' || asked === 'verify') {
    const report = await checkContexts(graph, { today, incoming: false })
    const { totals } = report
    const bad = report.findings.filter((finding) => finding.level === 'error').slice(0, 20)
    const lines = bad.map((finding) =>
      plain(`${finding.path}${finding.span === null ? '' : `:${finding.span.line}`} ${finding.message} [${finding.rule}]`, 400),
    )
    return `<context kind="data">\n${report.ok ? 'true' : 'FALSE'}: ${totals.contexts} files, ${totals.verified} rows verified, ${totals.contradicted} contradicted, ${totals.unverifiable} unverifiable, ${totals.missing} folders without a file\n${inert(lines.join('\n'))}${lines.length > 0 ? '\n' : ''}</context>\n`
  }
  if (asked === 'fix') return 'Run: npx --no-install vectra-context check --fix\n'
  return showContext(graph, asked, options)
}
