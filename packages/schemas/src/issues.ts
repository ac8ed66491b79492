import type { z } from 'zod'
import type { SchemaIssue } from './envelope.ts'

/** Issues kept of one event; a frame that breaks in every entry of a list would otherwise carry thousands. */
export const MAX_ISSUES = 50

/** Zod's issues as stored ones, at most `MAX_ISSUES`, then one of code `more` that counts the rest. */
export function toSchemaIssues(issues: readonly z.core.$ZodIssue[]): SchemaIssue[] {
  const kept: SchemaIssue[] = issues
    .slice(0, MAX_ISSUES)
    .map(({ path, code, message }) => ({ path: path.map(String).join('.'), code, message }))
  const left = issues.length - kept.length
  if (left > 0) kept.push({ path: '', code: 'more', message: `${left} more issues` })
  return kept
}
