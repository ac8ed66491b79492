import { realpathSync } from 'node:fs'
import { relative, sep } from 'node:path'

/** What a check said of the relations in CONTEXT.md files. */
export interface Verdicts {
  /** Verdict by line of the row, from 1: `verified`, `contradicted`, `unverifiable`, or `stale` in a file reviewed against other signatures. */
  of(path: string): ReadonlyMap<number, string>
  /** Why there are none. */
  readonly why?: string
}

const NONE: ReadonlyMap<number, string> = new Map()

/** Judges the CONTEXT.md files of a repository by `@vectra/context-tools`. A repository that cannot be judged is indexed without verdicts. */
export async function repositoryVerdicts(repoDir: string): Promise<Verdicts> {
  try {
    const { checkContexts, openRepository } = await import('@vectra/context-tools')
    await using repository = await openRepository({ dir: repoDir })
    const today = new Date().toISOString().slice(0, 10)
    const report = await checkContexts(repository.graph, { today, incoming: false })
    const inside = relative(realpathSync(repository.root), realpathSync(repoDir)).split(sep).join('/')
    const byPath = new Map(
      report.contexts.map(({ file, rows, stale }) => [
        file.path,
        new Map(
          rows.map(({ row, verdict }) => [
            row.span.line,
            verdict === 'VERIFIED' && stale !== null && stale.length > 0 ? 'stale' : verdict.toLowerCase(),
          ]),
        ),
      ]),
    )
    return { of: (path) => byPath.get(inside === '' ? path : `${inside}/${path}`) ?? NONE }
  } catch (error) {
    return { of: () => NONE, why: error instanceof Error ? error.message : String(error) }
  }
}
