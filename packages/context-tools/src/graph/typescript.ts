import type * as Oxc from 'oxc-parser'
import type { BusPatterns, FileFacts } from './facts.ts'
import { LineIndex } from './line-index.ts'
import { reasonsIn, signatureOf } from './signature.ts'
import { docOf, exportsOf } from './typescript-exports.ts'
import { importsOf, referencesOf } from './typescript-imports.ts'
import { walkProgram } from './typescript-walk.ts'

let oxc: typeof Oxc | null = null

/** Loads the native parser once; later calls are free. */
export async function loadTypeScript(): Promise<void> {
  oxc ??= await import('oxc-parser')
}

/**
 * Facts of one TypeScript or JavaScript file. Call {@link loadTypeScript} first.
 * A file that does not parse gives the facts of what did, with `errors` above zero.
 */
export function extractTypeScript(path: string, text: string, bus: BusPatterns): FileFacts {
  if (oxc === null) throw new TypeError('loadTypeScript() has to be awaited first')
  const flow = /\.(?:js|jsx|mjs|cjs)$/.test(path)
  const parsed = oxc.parseSync(path, text, flow ? { lang: 'jsx', astType: 'ts', sourceType: 'unambiguous' } : undefined)
  const lines = new LineIndex(text)
  const walked = walkProgram(parsed.program, lines, bus)
  const exported = exportsOf(parsed, walked, lines, text)
  return {
    language: 'typescript',
    imports: [...importsOf(parsed.module, lines), ...referencesOf(parsed.comments, lines), ...walked.imports].sort(
      (a, b) => a.line - b.line || a.column - b.column,
    ),
    exports: exported.exports,
    classes: walked.classes,
    events: walked.events,
    calls: walked.calls,
    conforms: walked.conforms,
    members: walked.members,
    constants: walked.constants,
    signature: signatureOf(exported.declarations),
    doc: docOf(parsed, text),
    reasons: reasonsIn(
      parsed.comments.flatMap((comment) => (comment.type === 'Block' && comment.value.startsWith('*') ? [comment.value] : [])),
    ),
    errors: parsed.errors.length,
  }
}
