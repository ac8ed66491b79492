import { type Completeness, completenessOf } from '@vectra/event-store'
import type { CommandContext } from './context.ts'

/** Reasons that are spelled out; the rest is counted. */
const SHOWN = 3

/** A completeness as `--json` answers carry it. */
export function completenessRecord({ complete, reasons }: Completeness): Readonly<Record<string, unknown>> {
  return {
    complete,
    reasons: reasons.map(({ code, text, path, sessionId, gameId, from, to, count }) => ({
      code,
      text,
      path: path ?? null,
      session_id: sessionId ?? null,
      game_id: gameId ?? null,
      from: from ?? null,
      to: to ?? null,
      count: count ?? 1,
    })),
  }
}

/**
 * Says on stderr what an answer lacks: a line for people, an object `{"completeness": …}` with `--json`. Nothing when nothing is missing.
 *
 * `--quiet` leaves out what is known and declared (gaps, retention, rows on their way); a bad file is always named.
 */
export function sayCompleteness({ io, json, quiet }: CommandContext, completeness: Completeness): void {
  const reasons = quiet ? completeness.reasons.filter(({ code }) => code === 'bad_file') : completeness.reasons
  if (reasons.length === 0) return
  if (json) {
    io.say(JSON.stringify({ completeness: completenessRecord(completeness) }))
    return
  }
  // What is wrong comes before what is merely missing.
  const sorted = reasons.toSorted((a, b) => Number(b.code === 'bad_file') - Number(a.code === 'bad_file'))
  const shown = sorted.slice(0, SHOWN).map(({ text }) => text)
  const rest = sorted.length - shown.length
  const bad = reasons.some(({ code }) => code === 'bad_file') ? '; run: vectra store verify' : ''
  io.say(
    `${io.styledError('yellow', 'not complete:')} ${[...shown, ...(rest > 0 ? [`and ${rest} more reasons`] : [])].join('; ')}${bad}`,
  )
}

/** Without what the answer itself lists, as `sessions` does its gaps. */
export function onlyBadFiles({ reasons }: Completeness): Completeness {
  return completenessOf(reasons.filter(({ code }) => code === 'bad_file'))
}
