import { runContextCommand } from '@vectra/context-tools'
import type { CommandContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

/** `vectra context …`: the `vectra-context` command of @vectra/context-tools, with its own verbs, options and help. */
export async function context(command: CommandContext, operands: readonly string[]): Promise<ExitCode> {
  const { io, env, cwd, json } = command
  const [verb, ...rest] = operands
  const given =
    verb === undefined ? ['help'] : verb === 'slash' ? [verb, '--', ...rest] : [verb, ...rest, ...(json ? ['--json'] : [])]
  const pending: Promise<void>[] = []
  const code = await runContextCommand(given, {
    cwd,
    env,
    today: new Date().toISOString().slice(0, 10),
    stdout: (text) => pending.push(io.write(text)),
    stderr: (text) => io.rawError(text),
    stdin: readStdin,
  })
  await Promise.all(pending)
  return Object.values(EXIT).find((known) => known === code) ?? EXIT.failure
}

async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) return ''
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
