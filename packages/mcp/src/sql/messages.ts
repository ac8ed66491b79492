import type { SqlAnswer } from '../ports.ts'

/** What the server tells the process. */
export type SqlRequest =
  | { readonly kind: 'run'; readonly id: number; readonly sql: string; readonly maxRows: number; readonly timeoutMs: number }
  | { readonly kind: 'cancel'; readonly id: number }

/** What the process tells the server. */
export type SqlReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: SqlAnswer }
  | {
      readonly kind: 'error'
      readonly id: number
      readonly code: string
      readonly message: string
      readonly context: Readonly<Record<string, unknown>>
    }
