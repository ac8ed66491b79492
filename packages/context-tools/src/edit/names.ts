import { nearestName } from '../check/nearest.ts'
import type { RowVerdict } from '../check/types.ts'
import type { Claim } from '../model/types.ts'
import type { TextEdit } from './text-edits.ts'

/** Names a repaired row holds, as many as one of a stub; a row that named more keeps its length. */
export const MOST_NAMES = 6

type WrongNames = NonNullable<RowVerdict['judgements'][number]['judgement']['names']>

/**
 * Edits that give the rows that import from the right place their right names; nothing but the list of names is touched.
 *
 * True names stay where they stand. A wrong one gives way to the imported name it resembles; without one it is taken
 * out, and what else is imported fills the row. A list that cannot be read for sure is left to a person.
 */
export function nameEdits(rows: readonly RowVerdict[], text: string): TextEdit[] {
  return rows.flatMap((one) => {
    const { row } = one
    if (rows.some((other) => other !== one && other.row.relationSpan.start === row.relationSpan.start)) return []
    const cell = text.slice(row.relationSpan.start, row.relationSpan.end)
    return one.judgements.flatMap(({ claim, judgement }) => {
      const at = cell.indexOf(claim.text)
      if (judgement.names === undefined || claim.objects.length > 0 || at < 0 || cell.includes(claim.text, at + 1)) return []
      const [whole, verb = '', list = ''] = /^((?:imports?|uses?)\s+)([\s\S]+?)(?=\s+from\b)/i.exec(claim.text) ?? []
      const names = whole === undefined ? null : rightNames(list, claim, judgement.names, saidElsewhere(rows, one))
      const start = row.relationSpan.start + at + verb.length
      return names === null ? [] : [{ start, end: start + list.length, text: names }]
    })
  })
}

/** Names that other rows state of the same files. */
function saidElsewhere(rows: readonly RowVerdict[], one: RowVerdict): Set<string> {
  const others = rows.filter((other) => other !== one && other.target.name === one.target.name)
  return new Set(others.flatMap((other) => other.judgements.flatMap(({ claim }) => claim.names)))
}

function rightNames(list: string, claim: Claim, { wrong, imported }: WrongNames, said: ReadonlySet<string>): string | null {
  const quoted = list.includes('`')
  const written = list.split(/\s*(?:,|\band\b|&|\+)\s*/).filter((part) => part !== '')
  if (written.map(bare).join() !== claim.names.join()) return null
  const unsaid = imported.filter((name) => name !== 'default' && !claim.names.includes(name) && !said.has(name))
  const named = (name: string) => (quoted ? `\`${name}\`` : name)
  const names: string[] = []
  let lost = false
  for (const part of written) {
    const name = bare(part)
    if (!wrong.includes(name)) {
      names.push(quoted ? named(name) : part)
      continue
    }
    const instead = nearestName(name, unsaid)
    if (instead === null) lost = true
    else names.push(named(unsaid.splice(unsaid.indexOf(instead), 1)[0] as string))
  }
  if (lost) names.push(...unsaid.slice(0, Math.max(0, Math.max(MOST_NAMES, written.length) - names.length)).map(named))
  if (names.length === 0) return null
  const last = /(?:,\s*)?\band\b(?=[^,&+]*$)/.exec(list)?.[0]
  return last === undefined || names.length === 1
    ? names.join(', ')
    : `${names.slice(0, -1).join(', ')}${last.startsWith(',') ? ', and ' : ' and '}${names.at(-1)}`
}

function bare(part: string): string {
  return part
    .replaceAll('`', '')
    .replace(/^type\s+/, '')
    .replace(/\(\)$/, '')
    .replace(/\s*\(type\)$/, '')
    .trim()
}
