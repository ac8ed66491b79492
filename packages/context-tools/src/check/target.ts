import { matcher } from '../config.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import { fileAt } from '../graph/source-file.ts'
import { baseOf, folderOf, joinPath } from '../model/locate.ts'
import { nearestPaths } from './nearest.ts'
import type { Target } from './types.ts'

const FILE = /\.(?:py|pyi|[cm]?[jt]sx?|json|ya?ml|toml|md|sql|sh|html|css|vue|svelte)$/i

/**
 * What a Script cell points at: a path from the CONTEXT.md's folder, else from the repository root, else a package.
 *
 * @param renames old path -> new path, as git sees them in this commit
 */
export async function targetOf(
  graph: EvidenceGraph,
  contextPath: string,
  written: string,
  renames: ReadonlyMap<string, string> = new Map(),
): Promise<Target> {
  const text = written
    .trim()
    .replace(/[:#]L?\d+(?:-L?\d+)?$/, '')
    .replaceAll('\\', '/')
  const plain = (kind: Target['kind'], name = text): Target => ({ kind, files: new Set(), name, alternatives: [], sure: false })
  if (/^(?:todo|tbd|fixme|\?+|\.\.\.|…|n\/?a|none|-+)$/i.test(text) || text === '') return plain('placeholder')
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return plain('unknown')
  const folder = folderOf(contextPath)
  const relative = /^\.{1,2}(?:\/|$)/.test(text)
  if (text.includes('*') && !text.startsWith('@')) return globTarget(graph, folder, text)
  const places = relative
    ? [joinPath(folder, text)]
    : text.startsWith('/')
      ? [joinPath('', text)]
      : [joinPath(folder, text), joinPath('', text)]
  if (places.every((place) => place === null)) return plain('outside')
  for (const place of places) {
    const found = place === null ? null : at(graph, place)
    if (found !== null) return found
  }
  if (!relative) {
    const named = await packageTarget(graph, text)
    if (named !== null) return named
    if (await graph.packages.dependsOn(text)) return plain('external')
  }
  const pathLike = relative || FILE.test(text) || text.endsWith('/')
  if (!pathLike && !text.includes('/') && /^[\w.-]+$/.test(text)) {
    const dotted = joinPath('', text.replaceAll('.', '/'))
    const module = dotted !== null && text.includes('.') ? at(graph, dotted) : null
    if (module !== null) return module
  }
  if (!pathLike) return plain(/^(?:node:|@[\w.-]+\/)?[\w.-]+(?:\/[\w./-]+)?$/.test(text) ? 'external' : 'unknown')
  const missing = places.find((place) => place !== null) ?? text
  const near = nearestPaths(missing.replace(/\/$/, ''), candidates(graph, missing), renames)
  return { kind: 'missing', files: new Set(), name: missing, alternatives: near.paths, sure: near.sure }
}

function at(graph: EvidenceGraph, place: string): Target | null {
  const { paths, folders } = graph.view
  const path = place.replace(/\/$/, '')
  const file = paths.has(path) ? path : null
  if (file !== null && baseOf(file) !== 'CONTEXT.md')
    return { kind: 'file', files: new Set([file]), name: file, alternatives: [], sure: false }
  const folder = file === null ? path : folderOf(file)
  if (folders.has(folder) && (file !== null || !paths.has(`${path}.py`))) {
    const inside = folder === '' ? '' : `${folder}/`
    return {
      kind: 'folder',
      files: new Set([...paths].filter((one) => one.startsWith(inside))),
      name: `${folder}/`,
      alternatives: [],
      sure: false,
    }
  }
  const guessed = /\.\w+$/.test(path) ? null : paths.has(`${path}.py`) ? `${path}.py` : fileAt(graph.view, path)
  return guessed === null ? null : { kind: 'file', files: new Set([guessed]), name: guessed, alternatives: [], sure: false }
}

async function packageTarget(graph: EvidenceGraph, text: string): Promise<Target | null> {
  const name = text.startsWith('@') ? text.split('/').slice(0, 2).join('/') : (text.split('/')[0] as string)
  const folder = await graph.packages.folderOfPackage(name)
  if (folder === null) return null
  const sub = text === name ? null : await graph.packages.resolve('', text)
  const inside = folder === '' ? '' : `${folder}/`
  const files = sub === null ? [...graph.view.paths].filter((path) => path.startsWith(inside)) : [sub]
  return { kind: 'package', files: new Set(files), name: text, alternatives: [], sure: false }
}

function globTarget(graph: EvidenceGraph, folder: string, text: string): Target {
  const base = joinPath(folder, text)
  const match = base === null ? () => false : matcher([`/${base}`])
  const files = new Set([...graph.view.paths].filter(match))
  return {
    kind: base === null ? 'outside' : files.size > 0 ? 'folder' : 'missing',
    files,
    name: text,
    alternatives: [],
    sure: false,
  }
}

function* candidates(graph: EvidenceGraph, missing: string): Iterable<string> {
  yield* FILE.test(missing) ? graph.view.paths : graph.view.folders
}
