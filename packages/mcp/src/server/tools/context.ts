import { z } from 'zod'
import { McpError } from '../../errors.ts'
import { ENVELOPE_CHARS, shorten, sizeOf, takeFitting } from '../budget.ts'
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
    const cut = new Set<string>()
    const stale = found.stale === null ? null : takeFitting(found.stale, (max_chars - ENVELOPE_CHARS) * 0.2)
    if (stale !== null && stale.length < (found.stale?.length ?? 0)) cut.add('stale')
    let left = max_chars - ENVELOPE_CHARS - sizeOf([found.path, found.subject, stale])
    // The prose first, then rows, then what nobody wrote down: what an agent cannot see in the code itself comes first.
    const { text } = shorten({ text: found.text }, Math.max(100, Math.floor(left * 0.6)), cut)
    left -= sizeOf(text)
    const rows = takeFitting(found.rows, left, 500)
    left -= sizeOf(rows)
    const omitted = takeFitting(found.omitted, left, 200)
    return {
      notice: NOTICE,
      path: found.path,
      subject: found.subject,
      text,
      rows: rows.map((row) => ({ ...row })),
      omitted: omitted.map((edge) => ({ ...edge, names: [...edge.names] })),
      stale: stale === null ? null : [...stale],
      truncated: cut.size > 0 || rows.length < found.rows.length || omitted.length < found.omitted.length,
      cut: [...cut],
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
    const bare = impacts.map(({ path, importers, rows }) => ({
      ...{ path, importers: [], importer_count: importers.length, rows: [], row_count: rows.length },
    }))
    let left = max_chars - sizeOf({ notice: NOTICE, files: bare, truncated: false })
    let truncated = false
    const files = bare.map((file, index) => {
      const { importers = [], rows = [] } = impacts[index] ?? {}
      const imported = importers.map(({ path, line, names, test }) => ({
        path,
        line,
        names: [...names],
        ...(test ? { test } : {}),
      }))
      const some = takeFitting(imported, left * 0.6, 500)
      left -= sizeOf(some)
      const told = takeFitting(rows, left, 500)
      left -= sizeOf(told)
      truncated ||= some.length < importers.length || told.length < rows.length
      return { ...file, importers: [...some], rows: told.map((row) => ({ ...row })) }
    })
    return { notice: NOTICE, files, truncated }
  },
})
