import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ApiError } from '../../protocol/messages.ts'

/** Answers with an error in words: what happened, and what to do next. Every route uses this one form. */
export function problem(context: Context, status: ContentfulStatusCode, code: string, message: string, next: string): Response {
  return context.json({ error: { code, message, next } } satisfies ApiError, status)
}
