import type { Completeness } from '../completeness.ts'

/** Rows as they are asked for, and what is known to be missing from them. */
export interface Reading<T> extends AsyncIterable<T> {
  /**
   * Whether these rows are all there is in their scope. Looks at the store now: ask after reading.
   *
   * @throws what reading throws
   */
  completeness(): Promise<Completeness>
}

/** Rows with their completeness. */
export function reading<T>(rows: AsyncGenerator<T, void, undefined>, completeness: () => Promise<Completeness>): Reading<T> {
  return Object.assign(rows, { completeness })
}
