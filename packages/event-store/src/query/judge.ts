import type { DocType, Micros } from '@vectra/schemas'
import type { CatalogReader } from '../catalog.ts'
import { type Completeness, type CompletenessReason, completenessOf } from '../completeness.ts'
import type { BadFile } from '../integrity/file-check.ts'
import type { FileSource, PartRef } from './file-source.ts'
import { chooseFiles, type Reader, type ReadOptions } from './reader.ts'

/** What an answer is about. Absent bounds mean everything. */
export interface Scope {
  readonly docTypes?: readonly DocType[] | undefined
  /** Receive time, inclusive. */
  readonly since?: Micros | undefined
  /** Receive time, exclusive. */
  readonly until?: Micros | undefined
  readonly sessionId?: string | undefined
}

/** Reasons of one kind that are told apart; the rest is counted. */
const MOST = 20

/** Where {@link judge} looks. */
export interface JudgeDeps {
  readonly reader: Reader
  readonly fresh: FileSource | undefined
  /** `undefined` while there is none, or where the files come from elsewhere. */
  catalog(): CatalogReader | undefined
}

const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** The first reasons, and one for all others. */
function few(reasons: readonly CompletenessReason[]): readonly CompletenessReason[] {
  const [first] = reasons
  if (first === undefined || reasons.length <= MOST) return reasons
  const rest = reasons.slice(MOST)
  const count = rest.reduce((sum, reason) => sum + (reason.count ?? 1), 0)
  return [...reasons.slice(0, MOST), { code: first.code, text: `and ${rest.length} more of this kind`, count }]
}

/** The reason for a file that is left out. */
export function badFileReason({ file, text }: BadFile<PartRef>): CompletenessReason {
  const path = file.path ?? file.absolutePath
  const rows = file.rows === undefined ? 'its rows are' : `its ${many(file.rows, 'row')} ${file.rows === 1 ? 'is' : 'are'}`
  return {
    code: 'bad_file',
    text: `${path} ${text}: ${rows} left out`,
    path,
    ...(typeof file.sessionId === 'string' ? { sessionId: file.sessionId } : {}),
    ...(file.rows === undefined ? {} : { count: file.rows }),
  }
}

function catalogReasons(catalog: CatalogReader | undefined, scope: Scope): CompletenessReason[] {
  if (catalog === undefined) return []
  const { gaps, pruned } = catalog.losses(scope)
  const { docTypes } = scope
  return [
    ...few(
      gaps.map(({ sessionId, count, from, to }) => ({
        code: 'gap',
        text: `recording ${sessionId} declares ${many(count, 'gap')}`,
        sessionId,
        from,
        to,
        count,
      })),
    ),
    ...pruned
      .filter(({ docType }) => docTypes === undefined || docTypes.includes(docType))
      .map(({ docType, days, rows, firstDate, lastDate }): CompletenessReason => {
        const when = days === 1 ? firstDate : `${many(days, 'day')} from ${firstDate} to ${lastDate}`
        const what = rows === null ? 'rows' : many(rows, 'row')
        return {
          code: 'pruned',
          text: `retention removed ${what} of ${docType} of ${when}`,
          ...(rows === null ? {} : { count: rows }),
        }
      }),
  ]
}

function journalReasons(fresh: FileSource | undefined, scope: Scope, isFresh: boolean): readonly CompletenessReason[] {
  if (fresh === undefined) return []
  using snapshot = fresh.snapshot()
  if (isFresh) return snapshot.reasons ?? []
  const unseen = chooseFiles(
    snapshot.files.filter((file) => file.hot !== undefined),
    scope,
  )
  if (unseen.length === 0) return []
  const rows = unseen.reduce((sum, file) => sum + (file.rows ?? 0), 0)
  const sessions = new Set(unseen.map(({ sessionId }) => sessionId))
  const [only] = sessions
  return [
    {
      code: 'journal_only',
      text: `${many(rows, 'row')} of ${many(sessions.size, 'recording')} ${rows === 1 ? 'is' : 'are'} only in the journal yet; ask for fresh rows`,
      count: rows,
      ...(sessions.size === 1 && typeof only === 'string' ? { sessionId: only } : {}),
    },
  ]
}

/**
 * What is known to be missing from an answer about `scope`.
 *
 * @param bad files that were left out; without it, those in the scope are looked at now
 */
export async function judge(
  deps: JudgeDeps,
  scope: Scope,
  options: Pick<ReadOptions, 'signal' | 'fresh'>,
  bad?: readonly BadFile<PartRef>[],
): Promise<Completeness> {
  const { reader } = deps
  let found = bad
  if (found === undefined) {
    using snapshot = reader.source(options).snapshot()
    found = await reader.bad(chooseFiles(snapshot.files, scope), options.signal)
  }
  return completenessOf([
    ...few(found.map(badFileReason)),
    ...catalogReasons(deps.catalog(), scope),
    ...journalReasons(deps.fresh, scope, reader.isFresh(options)),
  ])
}
