import { z } from 'zod'
import { McpError } from '../../errors.ts'
import { ENVELOPE_CHARS, shorten, sizeOf, takePage } from '../budget.ts'
import { defineTool, maxChars, NOTICE, READS } from '../tool.ts'
import { present } from './events.ts'

/** A CONTEXT.md with the verdict over each of its rows. */
export const codeContextGet = defineTool({
  name: 'code_context_get',
  title: 'Verified context of a module',
  description:
    'The CONTEXT.md that answers for a file or folder: purpose, relations, data flow and decisions, with a verdict over every relation, made from the real imports of the code as it is now ' +
    '(VERIFIED, CONTRADICTED, UNVERIFIABLE), edges that nobody wrote down, and files that changed since the text was reviewed (stale). Trust VERIFIED rows; open the code for the others.',
  annotations: READS,
  available: (ports) => ports.context !== undefined,
  input: z.strictObject({
    path: z.string().min(1).max(400).describe('file, folder or CONTEXT.md, relative to the repository'),
    max_chars: maxChars,
  }),
  output: z.object({
    notice: z.string(),
    path: z.string(),
    subject: z.string(),
    text: z.string(),
    rows: z.array(z.object({ target: z.string(), relation: z.string(), line: z.int(), verdict: z.string(), reason: z.string() })),
    omitted: z.array(z.object({ direction: z.string(), path: z.string(), names: z.array(z.string()) })),
    stale: z.array(z.string()).nullable(),
    truncated: z.boolean(),
    cut: z.array(z.string()),
  }),
  async run({ path, max_chars }, context) {
    const found = await present(context.ports.context).get(path, context)
    if (found === undefined)
      throw new McpError('MCP_ARGUMENT', `no CONTEXT.md answers for "${path}"; search with code_context_search`)
    let left = max_chars - ENVELOPE_CHARS
    const cut = new Set<string>()
    // The prose first, then rows, then what nobody wrote down: what an agent cannot see in the code itself comes first.
    const { text } = shorten({ text: found.text }, Math.max(300, Math.floor(left * 0.6)), cut)
    left -= sizeOf(text)
    const rows = await takePage(found.rows, { limit: 500, maxChars: Math.max(0, left), show: (row) => ({ ...row }) })
    left -= sizeOf(rows.shown)
    const omitted = await takePage(left > 200 ? found.omitted : [], {
      limit: 200,
      maxChars: Math.max(0, left),
      show: (edge) => ({ ...edge, names: [...edge.names] }),
    })
    return {
      notice: NOTICE,
      path: found.path,
      subject: found.subject,
      text,
      rows: [...rows.shown],
      omitted: [...omitted.shown],
      stale: found.stale === null ? null : [...found.stale],
      truncated: cut.size > 0 || rows.items.length < found.rows.length || omitted.items.length < found.omitted.length,
      cut: [...cut, ...rows.cut, ...omitted.cut],
    }
  },
})

/** Who depends on files. */
export const codeContextImpact = defineTool({
  name: 'code_context_impact',
  title: 'What depends on a file',
  description:
    'What to look at before changing files: every module that imports them (with line and names, tests marked, names passed on by a barrel followed), and every row of a CONTEXT.md that speaks of them and may become false. From the code as it is now.',
  annotations: READS,
  available: (ports) => ports.context !== undefined,
  input: z.strictObject({
    paths: z
      .array(z.string().min(1).max(400))
      .min(1)
      .max(20)
      .describe('source files, relative to the repository; the end of a path is enough when it is unique'),
    max_chars: maxChars,
  }),
  output: z.object({
    notice: z.string(),
    files: z.array(
      z.object({
        path: z.string(),
        importers: z.array(z.looseObject({ path: z.string(), line: z.int() })),
        importer_count: z.int(),
        rows: z.array(z.looseObject({ path: z.string(), line: z.int() })),
        row_count: z.int(),
      }),
    ),
    truncated: z.boolean(),
  }),
  async run({ paths, max_chars }, context) {
    const impacts = await present(context.ports.context).impact(paths, context)
    let left = max_chars - ENVELOPE_CHARS
    const files = []
    let truncated = false
    for (const impact of impacts) {
      const importers = await takePage(impact.importers, {
        limit: 500,
        maxChars: Math.max(0, left * 0.6),
        show: ({ path, line, names, test }) => ({ path, line, names: [...names], ...(test ? { test } : {}) }),
      })
      left -= sizeOf(importers.shown)
      const rows = await takePage(impact.rows, { limit: 500, maxChars: Math.max(0, left), show: (row) => ({ ...row }) })
      left -= sizeOf(rows.shown)
      truncated ||= importers.items.length < impact.importers.length || rows.items.length < impact.rows.length
      files.push({
        path: impact.path,
        importers: [...importers.shown],
        importer_count: impact.importers.length,
        rows: [...rows.shown],
        row_count: impact.rows.length,
      })
    }
    return { notice: NOTICE, files, truncated }
  },
})
