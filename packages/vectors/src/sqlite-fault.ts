const [BUSY, LOCKED, CORRUPT, NOT_A_DATABASE] = [5, 6, 11, 26]

/** SQLite's primary result code; undefined for an error that is not SQLite's. */
function resultOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined
}

/** Somebody else holds the file. */
export function isBusy(error: unknown): boolean {
  const result = resultOf(error)
  return result === BUSY || result === LOCKED
}

/** The file holds something that SQLite cannot read. */
export function isDamage(error: unknown): boolean {
  const result = resultOf(error)
  return result === CORRUPT || result === NOT_A_DATABASE
}

/** True for any error of SQLite. */
export function isSqliteFault(error: unknown): boolean {
  return resultOf(error) !== undefined
}
