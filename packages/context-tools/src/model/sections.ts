import type { SectionKind } from './types.ts'

/** Section titles of the template, in order. */
export const SECTION_TITLES: Readonly<Record<Exclude<SectionKind, 'other'>, string>> = {
  purpose: 'Purpose',
  related: 'Related Scripts',
  flow: 'Data Flow',
  decisions: 'Key Decisions',
  status: 'Status',
}

const SYNONYMS: readonly [RegExp, Exclude<SectionKind, 'other'>][] = [
  [/^(purpose|overview|what (it|this) (is|does)|summary|about)$/i, 'purpose'],
  [/^(related (scripts|files|modules|code)|relationships?|dependencies|integration points?|connections|imports)$/i, 'related'],
  [/^(data ?flow|flow|event flow|pipeline)$/i, 'flow'],
  [/^((key |design )?decisions|design rationale|rationale|why)$/i, 'decisions'],
  [/^(status|development status|checklist|progress)$/i, 'status'],
]

/** Section kind of a heading, and whether it is worded as the template words it. */
export function sectionKind(title: string): { kind: SectionKind; canonical: boolean } {
  const plain = title.replace(/[\p{Extended_Pictographic}:*`]/gu, '').trim()
  const exact = Object.entries(SECTION_TITLES).find(([, name]) => name === plain)
  if (exact !== undefined) return { kind: exact[0] as SectionKind, canonical: true }
  const synonym = SYNONYMS.find(([pattern]) => pattern.test(plain))
  return synonym === undefined ? { kind: 'other', canonical: true } : { kind: synonym[1], canonical: false }
}
