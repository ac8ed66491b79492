/** How bad a finding is: `fault` keeps something from working, `warning` will some day or slows it, `skipped` could not be looked at. */
export type Verdict = 'ok' | 'warning' | 'fault' | 'skipped'

/** What one check found. */
export interface Finding {
  /** Stable name of the check: `node`, `disk_space`, … */
  readonly check: string
  readonly verdict: Verdict
  /** What is there, in a few words. */
  readonly found: string
  /** What to do; null when nothing is to be done. */
  readonly fix: string | null
}

/** All is as it should be. */
export function ok(check: string, found: string): Finding {
  return { check, verdict: 'ok', found, fix: null }
}

/** It works, but should be looked at. */
export function warning(check: string, found: string, fix: string): Finding {
  return { check, verdict: 'warning', found, fix }
}

/** Something does not work. */
export function fault(check: string, found: string, fix: string): Finding {
  return { check, verdict: 'fault', found, fix }
}

/** Could not be looked at, which says nothing about it. */
export function skipped(check: string, found: string): Finding {
  return { check, verdict: 'skipped', found, fix: null }
}
