/**
 * Every exit code `vectra` uses, after BSD sysexits where one fits.
 *
 * `interrupted` and `terminated`: a bounded verb (query, import) was stopped before its work was done, or a second signal or
 * the 10 s limit ended a graceful stop. A streaming verb (record, tail, replay) that stops cleanly on a signal exits 0.
 */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  badData: 65,
  unavailable: 69,
  cannotWrite: 73,
  tryAgain: 75,
  badConfig: 78,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
