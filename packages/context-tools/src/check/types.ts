import type { Level } from '../config.ts'
import type { Arrow, Claim, ContextFile, Row, Span, StatusBox } from '../model/types.ts'

/** What the evidence says of one statement. UNVERIFIABLE: true or false, the code cannot tell. */
export type Verdict = 'VERIFIED' | 'CONTRADICTED' | 'UNVERIFIABLE'

/** A place in the code that speaks for or against a statement. */
export interface Evidence {
  readonly path: string
  readonly line: number
  /** What stands there, in words: `imports EventBus`. */
  readonly says: string
}

/** Verdict over one claim, with its reason in one sentence. */
export interface Judgement {
  readonly verdict: Verdict
  readonly reason: string
  readonly evidence: readonly Evidence[]
  /** What the author probably meant. */
  readonly suggestion: string | null
  /** Of a claim that imports from the right place under wrong names: which are wrong, and what is imported. */
  readonly names?: { readonly wrong: readonly string[]; readonly imported: readonly string[] }
}

/** A row with the judgement of each of its claims; the row's verdict is the worst of them. */
export interface RowVerdict {
  readonly row: Row
  readonly target: Target
  readonly verdict: Verdict
  readonly judgements: readonly { readonly claim: Claim; readonly judgement: Judgement }[]
}

/** What a Script cell points at. */
export interface Target {
  readonly kind: 'file' | 'folder' | 'package' | 'external' | 'missing' | 'outside' | 'placeholder' | 'unknown'
  /** Files it stands for, empty outside of the repository. */
  readonly files: ReadonlySet<string>
  /** Repository path, package name, or the text as written. */
  readonly name: string
  /** Repairs, best first; only for missing targets. `sure`: there is exactly one reasonable one. */
  readonly alternatives: readonly string[]
  readonly sure: boolean
}

/** An edge the code has and the file does not mention. */
export interface OmittedEdge {
  readonly direction: 'out' | 'in'
  /** File at the other end. */
  readonly path: string
  readonly names: readonly string[]
  /** Importance: values count more than types, inheritance and events most. */
  readonly weight: number
  readonly typeOnly: boolean
  readonly inherits: boolean
  readonly evidence: readonly Evidence[]
}

/** An arrow of the Data Flow with its verdict. */
export interface ArrowVerdict {
  readonly arrow: Arrow
  readonly verdict: Verdict
  readonly reason: string
}

/** A Status box with the value computed for it; `null` when nothing can be computed. */
export interface BoxVerdict {
  readonly box: StatusBox
  readonly computed: boolean | null
  readonly reason: string
}

/** All that is known about one CONTEXT.md. */
export interface ContextReport {
  readonly file: ContextFile
  /** Source files it answers for. */
  readonly files: readonly string[]
  readonly rows: readonly RowVerdict[]
  readonly omitted: readonly OmittedEdge[]
  readonly arrows: readonly ArrowVerdict[]
  readonly boxes: readonly BoxVerdict[]
  /** Files whose signature changed since the review; `null` when never reviewed. */
  readonly stale: readonly string[] | null
}

/** Rule names: stable, used in waivers and baselines. */
export type Rule =
  | 'missing-context'
  | 'orphan-context'
  | 'dead-path'
  | 'outside'
  | 'contradicted'
  | 'unverifiable'
  | 'vocabulary'
  | 'omitted-edge'
  | 'omitted-importer'
  | 'flow-contradicted'
  | 'status-false'
  | 'status-behind'
  | 'stale'
  | 'placeholder'
  | 'section'
  | 'table-shape'
  | 'oversize'
  | 'waiver-expired'

/** One thing to tell somebody. */
export interface Finding {
  readonly rule: Rule
  readonly level: Level
  readonly path: string
  readonly span: Span | null
  readonly message: string
  readonly hint: string | null
  readonly evidence: readonly Evidence[]
  /** Same finding, same key, whatever line it moved to. */
  readonly key: string
}

/** Outcome of a check. `ok` is false when an error is left after waivers and baseline. */
export interface CheckReport {
  readonly ok: boolean
  readonly findings: readonly Finding[]
  readonly contexts: readonly ContextReport[]
  readonly waived: readonly { readonly finding: Finding; readonly reason: string }[]
  readonly baselined: readonly Finding[]
  readonly totals: {
    readonly contexts: number
    readonly rows: number
    readonly verified: number
    readonly contradicted: number
    readonly unverifiable: number
    readonly omitted: number
    readonly missing: number
    readonly sources: number
  }
  /** Files too large or binary, left out of the graph. */
  readonly skipped: readonly string[]
}
