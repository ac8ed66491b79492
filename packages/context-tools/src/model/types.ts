/** A stretch of the source text: UTF-16 offsets, `end` exclusive; line and column count from 1. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly line: number
  readonly column: number
}

/** The seven relationship types of the template. */
export type RelationKind = 'imports' | 'subscribes' | 'publishes' | 'provides' | 'receives' | 'inherits' | 'implements'

/** One checkable statement of a row: a cell may hold several, separated by semicolons. */
export interface Claim {
  /** `other`: not in the vocabulary; kept, reported, never judged. */
  readonly kind: RelationKind | 'other'
  /** Symbols named in the claim (`Imports A, B from`); empty when it names none. */
  readonly names: readonly string[]
  /** Event names the claim gives (`Publishes \`tick\` events to`). */
  readonly events: readonly string[]
  /** Paths the claim names itself (`Imports A from \`b.ts\``): then the Script cell is the subject and these are the other side. */
  readonly objects: readonly string[]
  /** Words after "from" or "to" that are no path: the other side is something no code can show. */
  readonly prose: boolean
  /** Path of the file that joins both sides (`Provides data to (via \`../wire.ts\`)`), else `null`. */
  readonly via: string | null
  /** The claim as written. */
  readonly text: string
  /** True when the wording is a synonym (`Used by`) and not the template's own. */
  readonly dialect: boolean
}

/** One row of the Related Scripts table; a cell with two paths becomes two rows. */
export interface Row {
  /** Path or package as written, without backticks. */
  readonly target: string
  /** Exactly the characters to replace when the path is repaired, backticks excluded. */
  readonly targetSpan: Span
  readonly relation: string
  readonly relationSpan: Span
  /** The whole source line. */
  readonly span: Span
  readonly claims: readonly Claim[]
}

/** Section names of the template; anything else is kept as `other`. */
export type SectionKind = 'purpose' | 'related' | 'flow' | 'decisions' | 'status' | 'other'

/** A heading and what follows it up to the next heading of the same or a higher level. */
export interface Section {
  readonly kind: SectionKind
  readonly title: string
  /** False when the title is a synonym such as `Dependencies`. */
  readonly canonical: boolean
  readonly heading: Span
  readonly body: Span
}

/** One arrow of the Data Flow section. `null` stands for this module. */
export interface Arrow {
  readonly from: string | null
  readonly to: string | null
  readonly span: Span
}

/** What a Status checkbox claims. */
export type BoxKind = 'tests' | 'indexed' | 'relationships' | 'other'

/** A Status checkbox; `mark` covers the one character between the brackets. */
export interface StatusBox {
  readonly kind: BoxKind
  readonly label: string
  readonly checked: boolean
  readonly mark: Span
}

/** Something about the Markdown itself worth telling the author. */
export interface Problem {
  readonly code: 'section-missing' | 'section-dialect' | 'table-shape' | 'oversize' | 'duplicate-section'
  readonly message: string
  readonly span: Span
}

/** A parsed CONTEXT.md. All paths are repository-relative with forward slashes. */
export interface ContextFile {
  readonly path: string
  /** `directory` for `dir/CONTEXT.md`, `file` for `dir/name.CONTEXT.md`. */
  readonly form: 'directory' | 'file'
  /** The folder (`''` is the root), or the path without its extension. */
  readonly subject: string
  readonly title: string | null
  /** First paragraph of the Purpose section. */
  readonly purpose: string | null
  readonly sections: readonly Section[]
  /** Header cells and insertion offset of the relationship table, when there is one. */
  readonly table: { readonly columns: number; readonly end: Span } | null
  readonly rows: readonly Row[]
  readonly arrows: readonly Arrow[]
  readonly decisions: readonly string[]
  readonly boxes: readonly StatusBox[]
  /** File name -> signature hash recorded at the last review; `null` when never reviewed. */
  readonly reviewed: { readonly span: Span; readonly hashes: ReadonlyMap<string, string> } | null
  readonly problems: readonly Problem[]
}
