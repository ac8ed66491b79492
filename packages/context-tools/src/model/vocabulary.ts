import type { Claim, RelationKind } from './types.ts'

/** How each relationship type is written in the template. */
export const VOCABULARY: Readonly<Record<RelationKind, string>> = {
  imports: 'Imports X from',
  subscribes: 'Subscribes to events from',
  publishes: 'Publishes events to',
  provides: 'Provides data to',
  receives: 'Receives data from',
  inherits: 'Inherits from',
  implements: 'Implements interface',
}

const CANONICAL: readonly [RegExp, RelationKind][] = [
  [/^imports?\b[\s\S]*\bfrom\b/i, 'imports'],
  [/^subscribes?\s+to\b[\s\S]*\bfrom\b/i, 'subscribes'],
  [/^publish(?:es)?\b[\s\S]*\bto\b/i, 'publishes'],
  [/^provides?\b[\s\S]*\bto\b/i, 'provides'],
  [/^receives?\b[\s\S]*\bfrom\b/i, 'receives'],
  [/^inherits?\b[\s\S]*\bfrom\b/i, 'inherits'],
  [/^implements?\b[\s\S]*/i, 'implements'],
]

const SYNONYMS: readonly [RegExp, RelationKind][] = [
  [/^(imports?|uses?|depends? on|requires?|re-?exports?)\b/i, 'imports'],
  [/^(subscribes?|listens?|handles?)\b/i, 'subscribes'],
  [/^(publish(es)?|emits?|dispatch(es)?)\b/i, 'publishes'],
  [
    /^(imported by|used by|consumed by|provides?|feeds?|writes? to|sends? (data )?to|tested by|called by|exports? to)\b/i,
    'provides',
  ],
  [/^(receives?|consumes?|reads? (data )?from|gets? .* from)\b/i, 'receives'],
  [/^(extends|inherits?|subclass(es)?( of)?|derives? from)\b/i, 'inherits'],
]

const NEVER_NAMES = new Set('a an the all and or its their some several many everything from to of for'.split(' '))
const LOOSE_WORDS = new Set(
  'type types value values functions function helpers helper constants classes class symbols names name data events event schema schemas interfaces interface errors error things port ports module modules tools parts'.split(
    ' ',
  ),
)

/** True for words that may be prose (`Imports types from`): they count as names only where the target exports one. */
export function isLooseWord(name: string): boolean {
  return LOOSE_WORDS.has(name)
}

/** Symbol names of `Imports A, \`b\` and C from`: backticked ones win, else bare identifiers that are no filler words. */
function namesIn(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string)
  const parts = quoted.length > 0 ? quoted.flatMap((part) => part.split(/\s*,\s*/)) : text.split(/\s*(?:,|\band\b|&|\+)\s*/)
  const names: string[] = []
  for (const part of parts) {
    const name = part
      .trim()
      .replace(/^type\s+/, '')
      .replace(/\(\)$/, '')
      .replace(/\s*\(type\)$/, '')
    if (name === '*') names.push('*')
    else if (/^[\p{L}_$][\p{L}\p{N}_$]*(\.[\p{L}_$][\p{L}\p{N}_$]*)*$/u.test(name) && !NEVER_NAMES.has(name)) names.push(name)
    else if (quoted.length === 0 && name !== '' && !NEVER_NAMES.has(name)) return []
  }
  return names
}

function eventsIn(text: string): string[] {
  return [...text.matchAll(/[`'"“]([^`'"”]+)[`'"”]/g)]
    .flatMap((match) => (match[1] as string).split(/\s*,\s*/))
    .filter((name) => name !== '')
}

/** A longer cell is no relationship, and could take long to read. */
const MOST_CELL = 2000

/** Splits a relationship cell into claims. Text that fits no known wording becomes a claim of kind `other`. */
export function parseRelation(cell: string): Claim[] {
  if (cell.length > MOST_CELL) {
    const text = `${cell.slice(0, 80)}…`
    return [{ kind: 'other', names: [], events: [], objects: [], prose: false, via: null, text, dialect: false }]
  }
  return cell
    .split(/\s*(?:;|<br\s*\/?>)\s*/)
    .filter((part) => part.trim() !== '')
    .flatMap((part) => perObject(part.trim()))
    .map(parseClaim)
}

const PATH = /`((?:[\w.@-]+\/)*[\w.@*-]*\.(?:[cm]?[jt]sx?|pyi?|sh|json|ya?ml|md)|(?:[\w.@-]+\/)+[\w.@-]*)`/g

/** `Imports A from \`a.ts\`, B from \`b.ts\`` is two claims. */
function perObject(text: string): string[] {
  const verb = /^imports?\b/i.exec(text)?.[0]
  if (verb === undefined) return [text]
  const parts = text.split(/(?<=\bfrom\s+`[^`]+`)\s*(?:,\s*(?:and\s+)?|\band\s+)(?=[^,]*\bfrom\s+`)/i)
  return parts.map((part, index) => (index === 0 ? part : `${verb} ${part}`))
}

/** What stands after the last "from" or "to": remarks in parentheses or behind punctuation are none of it. */
function otherSide(text: string): { objects: string[]; prose: boolean } {
  const tail =
    /\b(?:from|to|interface)\b((?:(?!\b(?:from|to)\b).)*)$/is
      .exec(text)?.[1]
      ?.replace(/\([^)]*\)/g, '')
      .trim() ?? ''
  if (tail === '' || /^[:;,.\u2013\u2014-]/.test(tail)) return { objects: [], prose: false }
  const objects = [...tail.matchAll(PATH)].map((match) => match[1] as string)
  return { objects, prose: objects.length === 0 }
}

function parseClaim(written: string): Claim {
  const viaMatch = /\bvia\s+`?([^\s`()]+[/.][^\s`()]*)`?/i.exec(written)
  const via = viaMatch?.[1] ?? null
  const text = (viaMatch === null ? written : written.replace(viaMatch[0], '')).replace(/\(\s*\)/g, '').trim()
  const canonical = CANONICAL.find(([pattern]) => pattern.test(text))
  const synonym = canonical === undefined ? SYNONYMS.find(([pattern]) => pattern.test(text)) : undefined
  const kind = canonical?.[1] ?? synonym?.[1] ?? 'other'
  const side =
    canonical === undefined || kind === 'implements' || kind === 'inherits' ? { objects: [], prose: false } : otherSide(text)
  return { kind, via, text: written, ...side, dialect: canonical === undefined && synonym !== undefined, ...details(kind, text) }
}

function details(kind: Claim['kind'], text: string): Pick<Claim, 'names' | 'events'> {
  const none: string[] = []
  switch (kind) {
    case 'imports': {
      const named = /^(?:imports?|uses?)\s+([\s\S]+?)\s+from\b/i.exec(text)?.[1]
      const trailing = named === undefined ? /[:(]([\s\S]+?)\)?$/.exec(text)?.[1] : undefined
      return { names: namesIn(named ?? trailing ?? ''), events: none }
    }
    case 'inherits':
      return { names: namesIn(/^inherits?\s+([\s\S]+?)\s+from\b/i.exec(text)?.[1] ?? quotedOnly(text)), events: none }
    case 'implements':
      return {
        names: namesIn(
          /^implements?\s+(?:the\s+)?(?:interface\s+)?([\s\S]*?)(?:\s+(?:interface|from|of)\b[\s\S]*)?$/i.exec(text)?.[1] ?? '',
        ),
        events: none,
      }
    case 'subscribes':
    case 'publishes':
      return { names: none, events: eventsIn(text) }
    default:
      return { names: none, events: none }
  }
}

function quotedOnly(text: string): string {
  return (text.match(/`[^`]+`/g) ?? []).join(', ')
}
