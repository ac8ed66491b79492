const OPEN = '# >>> vectra-context >>>'
const CLOSE = '# <<< vectra-context <<<'
const BLOCK = /# >>> vectra-context >>>[\s\S]*?# <<< vectra-context <<<\r?\n?/

/** Puts our marked lines into a shell script, after its first line and comments so that an early `exit` cannot skip them. Idempotent. */
export function withBlock(script: string | null, lines: readonly string[]): string {
  const block = `${[OPEN, ...lines, CLOSE].join('\n')}\n`
  if (script === null || script.trim() === '') return `#!/bin/sh\n${block}`
  if (BLOCK.test(script)) return script.replace(BLOCK, () => block)
  const head = /^(?:#!.*\r?\n)?/.exec(script)?.[0] ?? ''
  return head + block + script.slice(head.length)
}

/** Takes our lines out again; `null` when nothing of anybody else is left. */
export function withoutBlock(script: string): string | null {
  const rest = script.replace(BLOCK, '')
  return rest.replace(/^#!.*\r?\n?/, '').trim() === '' && BLOCK.test(script) ? null : rest
}

/** True for a script a shell runs: only there a block can be put. */
export function isShellScript(text: string): boolean {
  const first = /^#!(.*)/.exec(text)?.[1]
  return first === undefined || /\b(?:ba|da|z|k)?sh\b/.test(first)
}
