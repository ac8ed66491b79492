import { checkReceipts } from './compaction/verify-receipts.ts'
import { namedEncoder } from './encoders/named.ts'
import { type Env, systemEnv } from './env.ts'
import { SecondReader } from './integrity/second-reader.ts'
import { takeLease } from './leases.ts'
import type { EncoderName, PartEncoder } from './part-encoder.ts'
import { storePaths } from './paths.ts'
import { Verification, type VerifyReport } from './verification.ts'
import { catalogGeneration, readCatalog } from './verify-catalog.ts'
import { judgeJournal, scanJournal } from './verify-journal.ts'
import { checkParts } from './verify-parts.ts'
import { checkSessions } from './verify-sessions.ts'

/** Options of {@link verifyStore}. */
export interface VerifyOptions {
  readonly dir: string
  readonly env?: Env
  /** Reads the parts. Default `duckdb`; `parquetjs` is the independent second reader. */
  readonly reader?: EncoderName | PartEncoder
  /** Also read every part with both implementations, DuckDB and @dsnp/parquetjs, and compare them value by value. Default false. */
  readonly deep?: boolean
  /** Also compute the content hash of every merged part again and compare it with its receipt. Default false. */
  readonly receipts?: boolean
  readonly signal?: AbortSignal
}

/**
 * Checks every stored byte: journal lines, part checksums and rows, catalog rows and seal, seqs without hole or double, and
 * that catalog and disk list the same files. Changes nothing; corrupt data is a finding, not an exception (P7).
 */
export async function verifyStore(options: VerifyOptions): Promise<VerifyReport> {
  const env = options.env ?? systemEnv()
  const paths = storePaths(options.dir)
  const reader = options.reader ?? 'duckdb'
  const encoder = typeof reader === 'string' ? await namedEncoder(reader, env.fs) : reader
  const second = options.deep === true ? new SecondReader() : undefined
  const verification = new Verification()
  try {
    // Journal before catalog: a segment that is published meanwhile is then seen in both, never in neither.
    const journal = scanJournal(env, paths, verification)
    const published = new Set<string>()
    using _lease = takeLease(env, paths, catalogGeneration(paths))
    const listed = readCatalog(env, paths, verification, published)
    if (listed !== undefined)
      await checkReceipts(env, paths, listed, options, (kind, file, text) => verification.add(kind, file, null, text))
    verification.checked.receipts = listed?.receipts.length ?? 0
    for (const session of journal) judgeJournal(session, published, verification)
    await checkParts(env, paths, verification, listed, { encoder, second, signal: options.signal })
    checkSessions(env, paths, verification, listed?.sessions)
    verification.checkSeqs()
    return verification.report()
  } finally {
    second?.close()
    if (typeof reader === 'string') await encoder.close()
  }
}
