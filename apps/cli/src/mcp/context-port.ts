import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  affectedContexts,
  type ContextReport,
  contextOf,
  isContextPath,
  openRepository,
  type Repository,
  reportOf,
  showContext,
} from '@vectra/context-tools'
import { type ContextPort, type ImpactRecord, McpError } from '@vectra/mcp'

/** CONTEXT.md files of one repository, read and judged anew for each call: an agent edits between two of them. */
export function contextPort(repoDir: string): ContextPort {
  return {
    async get(path) {
      await using repository = await openRepository({ dir: repoDir })
      const owner = ownerOf(repository, repository.pathOf(path, repository.root))
      if (owner === undefined) return undefined
      const report = await judged(repository, owner)
      return {
        path: owner,
        subject: report.file.subject,
        files: report.files,
        text: await readFile(join(repository.root, owner), 'utf8'),
        rows: report.rows.map(({ row, verdict, judgements }) => ({
          ...{ target: row.target, relation: row.relation, line: row.span.line, verdict },
          reason: judgements.map(({ judgement }) => judgement.reason).join('; '),
        })),
        omitted: report.omitted.map(({ direction, path: other, names }) => ({ direction, path: other, names })),
        stale: report.stale,
      }
    },
    async impact(paths, { progress }) {
      await using repository = await openRepository({ dir: repoDir })
      const impacts: ImpactRecord[] = []
      for (const [index, written] of paths.entries()) {
        progress(index, paths.length, written)
        impacts.push(await impactOf(repository, fileOf(repository, written)))
      }
      return impacts
    },
    async list() {
      await using repository = await openRepository({ dir: repoDir })
      return repository.graph.contexts
    },
    async show(asked, maxChars) {
      await using repository = await openRepository({ dir: repoDir })
      return showContext(repository.graph, asked, { tokens: Math.floor(maxChars / 4) })
    },
  }
}

/** The CONTEXT.md of a path: itself, the one beside it, or the nearest above. */
function ownerOf({ graph, view }: Repository, path: string): string | undefined {
  const has = (one: string): boolean => view.paths.has(one)
  if (isContextPath(path)) return has(path) ? path : undefined
  if (!has(path) && !view.folders.has(path)) return undefined
  for (let at = has(path) ? path : `${path}/.`; ; ) {
    const near = contextOf(at.replace(/^\//, ''), has)
    if (near !== null && graph.contexts.includes(near)) return near
    const folder = at.slice(0, Math.max(0, at.lastIndexOf('/')))
    if (folder === '') return has('CONTEXT.md') ? 'CONTEXT.md' : undefined
    at = folder
  }
}

async function judged({ graph }: Repository, path: string): Promise<ContextReport> {
  return reportOf(graph, await graph.context(path), new Map(), {}, true)
}

/** A source file by its path, or by the end of it when only one ends so. */
function fileOf(repository: Repository, written: string): string {
  const path = repository.pathOf(written, repository.root)
  if (repository.view.paths.has(path)) return path
  const found = repository.graph.sources.filter((one) => one.endsWith(`/${path}`))
  const [only] = found
  if (found.length === 1 && only !== undefined) return only
  throw new McpError(
    'MCP_ARGUMENT',
    found.length === 0
      ? `no source file "${written}" in this repository; paths are relative to its root`
      : `${found.length} files end with "${written}": ${found.slice(0, 5).join(', ')}`,
  )
}

async function impactOf({ graph }: Repository, path: string): Promise<ImpactRecord> {
  const importers = (await graph.importers(path)).map(({ from, line, names }) => ({
    ...{ path: from, line },
    names: [...new Set(names.map((name) => name.name))].sort(),
    test: graph.isTest(from),
  }))
  const rows = []
  for (const context of await affectedContexts(graph, [{ path, status: 'M', from: null }])) {
    const report = await reportOf(graph, await graph.context(context), new Map(), {}, false)
    for (const { row, target, verdict } of report.rows) {
      if (target.files.has(path))
        rows.push({ path: context, line: row.span.line, target: row.target, relation: row.relation, verdict })
    }
  }
  importers.sort((a, b) => Number(a.test) - Number(b.test) || (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line))
  return { path, importers, rows }
}
