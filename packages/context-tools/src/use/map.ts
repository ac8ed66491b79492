import { linksOf } from '../check/links.ts'
import type { CheckReport, Verdict } from '../check/types.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import { contextOf, folderOf } from '../model/locate.ts'

/** A module: one folder of source files, with its CONTEXT.md when it has one. */
export interface MapNode {
  readonly id: string
  readonly context: string | null
  readonly files: number
  readonly verified: number
  readonly contradicted: number
  readonly unverifiable: number
}

/** Imports between two modules, and whether the importing one mentions them. */
export interface MapEdge {
  readonly from: string
  readonly to: string
  readonly imports: number
  readonly verdict: Verdict | 'OMITTED'
}

/** Modules of a repository and how they hang together. */
export interface ModuleMap {
  readonly nodes: readonly MapNode[]
  readonly edges: readonly MapEdge[]
}

/** Builds the map from a full check. Tests and optional files are left out. */
export async function moduleMap(graph: EvidenceGraph, report: CheckReport): Promise<ModuleMap> {
  const home = new Map<string, string>()
  const nodes = new Map<string, { context: string | null; files: number }>()
  for (const path of graph.sources) {
    if (graph.isTest(path) || graph.isOptional(path)) continue
    const context = contextOf(path, (one) => graph.view.paths.has(one))
    const id = folderOf(path) || '.'
    home.set(path, id)
    nodes.set(id, { context, files: (nodes.get(id)?.files ?? 0) + 1 })
  }
  const edges = new Map<string, { from: string; to: string; imports: number }>()
  for (const [path, from] of home) {
    const seen = new Set<string>()
    for (const link of await linksOf(graph, path)) {
      const to = link.edge.to === null ? undefined : home.get(link.edge.to)
      if (to === undefined || to === from || seen.has(`${link.edge.line}`)) continue
      seen.add(`${link.edge.line}`)
      const key = `${from}\0${to}`
      edges.set(key, { from, to, imports: (edges.get(key)?.imports ?? 0) + 1 })
    }
  }
  return {
    nodes: [...nodes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { context, files }]) => {
        const rows = report.contexts.find((one) => one.file.path === context)?.rows ?? []
        const count = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length
        return {
          id,
          context,
          files,
          verified: count('VERIFIED'),
          contradicted: count('CONTRADICTED'),
          unverifiable: count('UNVERIFIABLE'),
        }
      }),
    edges: [...edges.values()]
      .map((edge) => ({ ...edge, verdict: verdictOf(report, home, nodes.get(edge.from)?.context ?? null, edge.to) }))
      .sort((a, b) => (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1)),
  }
}

function verdictOf(
  report: CheckReport,
  home: ReadonlyMap<string, string>,
  context: string | null,
  to: string,
): MapEdge['verdict'] {
  const rows = report.contexts.find((one) => one.file.path === context)?.rows ?? []
  const about = rows.filter((row) => [...row.target.files].some((path) => home.get(path) === to)).map((row) => row.verdict)
  return about.includes('VERIFIED')
    ? 'VERIFIED'
    : about.includes('UNVERIFIABLE')
      ? 'UNVERIFIABLE'
      : about.includes('CONTRADICTED')
        ? 'CONTRADICTED'
        : 'OMITTED'
}

const COLOURS: Readonly<Record<MapEdge['verdict'], string>> = {
  VERIFIED: '#2e7d32',
  UNVERIFIABLE: '#b08900',
  CONTRADICTED: '#c62828',
  OMITTED: '#9e9e9e',
}

/** Prints a map as Mermaid, DOT, JSON or a page of its own. */
export function printMap(map: ModuleMap, format: 'mermaid' | 'dot' | 'json' | 'html'): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ version: 1, ...map }, null, 2)}\n`
    case 'dot':
      return dot(map)
    case 'mermaid':
      return mermaid(map)
    case 'html':
      return html(map)
  }
}

function mermaid(map: ModuleMap): string {
  const key = new Map(map.nodes.map((node, index) => [node.id, `m${index}`]))
  const label = (text: string) => text.replace(/["#<>]/g, (char) => `#${char.charCodeAt(0)};`)
  const lines = map.nodes.map(
    (node) =>
      `  ${key.get(node.id)}["${label(node.id)}"]${node.contradicted > 0 ? ':::false' : node.context === null ? ':::missing' : ''}`,
  )
  for (const edge of map.edges)
    lines.push(`  ${key.get(edge.from)} ${edge.verdict === 'VERIFIED' ? '-->' : '-.->'}|${edge.imports}| ${key.get(edge.to)}`)
  return `graph LR\n${lines.join('\n')}\n  classDef false stroke:#c62828,stroke-width:3px\n  classDef missing stroke-dasharray:4\n`
}

function dot(map: ModuleMap): string {
  const quote = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`
  const lines = map.nodes.map(
    (node) =>
      `  ${quote(node.id)} [shape=box${node.context === null ? ', style=dashed' : ''}${node.contradicted > 0 ? ', color="#c62828"' : ''}];`,
  )
  for (const edge of map.edges)
    lines.push(`  ${quote(edge.from)} -> ${quote(edge.to)} [label="${edge.imports}", color="${COLOURS[edge.verdict]}"];`)
  return `digraph modules {\n  rankdir=LR;\n${lines.join('\n')}\n}\n`
}

function html(map: ModuleMap): string {
  const escaped = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
  const [cx, cy, radius] = [500, 420, 330]
  const place = new Map(
    map.nodes.map((node, index) => {
      const angle = (index / Math.max(1, map.nodes.length)) * 2 * Math.PI - Math.PI / 2
      return [node.id, { x: cx + radius * Math.cos(angle), y: cy + radius * Math.sin(angle) }]
    }),
  )
  const at = (id: string) => place.get(id) ?? { x: cx, y: cy }
  const lines = map.edges.map((edge) => {
    const [a, b] = [at(edge.from), at(edge.to)]
    return `<path d="M${a.x.toFixed(1)} ${a.y.toFixed(1)} Q${cx} ${cy} ${b.x.toFixed(1)} ${b.y.toFixed(1)}" stroke="${COLOURS[edge.verdict]}" stroke-width="${Math.min(6, 1 + Math.log2(edge.imports)).toFixed(1)}"><title>${escaped(`${edge.from} → ${edge.to}: ${edge.imports} imports, ${edge.verdict}`)}</title></path>`
  })
  const nodes = map.nodes.map((node) => {
    const { x, y } = at(node.id)
    const colour = node.contradicted > 0 ? COLOURS.CONTRADICTED : node.context === null ? COLOURS.OMITTED : COLOURS.VERIFIED
    return `<g><circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${(4 + Math.sqrt(node.files)).toFixed(1)}" fill="${colour}"/><text x="${x.toFixed(1)}" y="${(y - 12).toFixed(1)}">${escaped(node.id)}</text><title>${escaped(`${node.id}: ${node.files} files; ${node.verified} verified, ${node.contradicted} contradicted, ${node.unverifiable} unverifiable`)}</title></g>`
  })
  const legend = (Object.keys(COLOURS) as MapEdge['verdict'][])
    .map((name) => `<span style="color:${COLOURS[name]}">${name.toLowerCase()}</span>`)
    .join(' · ')
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Modules and verdicts</title>
<style>body{font:14px system-ui;margin:1rem}svg{width:100%;height:auto}path{fill:none;opacity:.7}path:hover{opacity:1}text{font-size:11px;text-anchor:middle;fill:currentColor}</style>
<h1>Modules and verdicts</h1><p>${legend}</p>
<svg viewBox="0 0 1000 840" role="img" aria-label="Module graph">${lines.join('')}${nodes.join('')}</svg></html>
`
}
