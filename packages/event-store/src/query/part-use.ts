import type { PartRef } from './file-source.ts'

let noting: Set<PartRef> | undefined

/** Says that SQL being made reads these files; only a surrounding {@link collectUse} listens. */
export function noteUse(files: readonly PartRef[]): void {
  if (noting === undefined) return
  for (const file of files) noting.add(file)
}

/**
 * Makes SQL and tells which files it reads, so that these, and no others, are looked at before it runs.
 *
 * The making is synchronous, so that nothing else can come between.
 */
export function collectUse<T>(make: () => T): { readonly made: T; readonly used: readonly PartRef[] } {
  const outer = noting
  const used = new Set<PartRef>()
  noting = used
  try {
    return { made: make(), used: [...used] }
  } finally {
    noting = outer
  }
}
