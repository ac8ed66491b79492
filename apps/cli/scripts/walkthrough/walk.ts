import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectPeer } from '@vectra/mcp'
import { countTokens } from 'gpt-tokenizer'
import { QUESTIONS, type Question } from './questions.ts'
import { simulatedCapture } from './simulated-capture.ts'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const NODE = ['--conditions=@vectra/source', '--disable-warning=ExperimentalWarning', MAIN]

/** What an agent's shell shows of one command's output at most, as agents of today do it. */
const SHELL_CHARS = 30_000

/** One way to an answer. */
export interface Way {
  readonly steps: number
  /** Tokens written and read: calls or commands, and what came back. */
  readonly tokens: number
  readonly answered: boolean
}

/** What came of one question. */
export interface Answer {
  readonly question: Question
  readonly calls: readonly { readonly tool: string; readonly args: Readonly<Record<string, unknown>> }[]
  readonly mcp: Way
  readonly shell: Way
}

/** A whole walk. */
export interface Walk {
  readonly answers: readonly Answer[]
  /** Tokens of the tools' names, descriptions and arguments, which a model reads once. */
  readonly toolTokens: number
  readonly tools: number
}

/** Records a simulated evening, indexes it, and asks the ten questions: once through the server alone, once with shell commands. */
export async function walk(): Promise<Walk> {
  const dir = mkdtempSync(join(tmpdir(), 'vectra-walk-'))
  try {
    const [capture, data] = [join(dir, 'capture.jsonl'), join(dir, 'data')]
    writeFileSync(
      capture,
      simulatedCapture({ seed: 'walk', startAt: Date.UTC(2025, 11, 12, 20), rugTicks: [60, 45, 90], lostIn: 1 }),
    )
    const vectra = (...args: readonly string[]) =>
      execFileSync(process.execPath, [...NODE, ...args, '--data-dir', data], { cwd: ROOT, stdio: ['ignore', 'ignore', 'ignore'] })
    vectra('import', capture)
    vectra(
      'note',
      'add',
      'The socket stalls at midnight\nNo frame for 40 s, ping answered. What helped: renew the connection after 30 s of silence.',
      '--tag',
      'network',
    )
    vectra('index', 'run', '--model', 'none', '--repo', ROOT)
    const server = {
      command: process.execPath,
      args: [...NODE, 'mcp', 'serve', '--allow-sql', '--model', 'none', '--repo', ROOT, '--data-dir', data],
    }
    await using peer = await connectPeer(server, { connectMs: 120_000, callMs: 120_000 })
    const answers: Answer[] = []
    for (const question of QUESTIONS) {
      const texts: string[] = []
      const calls: Answer['calls'][number][] = []
      let tokens = 0
      for (const { tool, args } of question.calls) {
        const given = args(texts)
        const { blocks } = await peer.call(tool, given)
        texts.push(blocks.join('\n'))
        calls.push({ tool, args: given })
        tokens += countTokens(JSON.stringify({ name: tool, arguments: given })) + countTokens(blocks.join('\n'))
      }
      const mcp = { steps: calls.length, tokens, answered: question.says.test(texts.at(-1) ?? '') }
      answers.push({ question, calls, mcp, shell: byShell(question, { capture, data }) })
    }
    return {
      answers,
      toolTokens: countTokens(
        JSON.stringify(peer.tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }))),
      ),
      tools: peer.tools.length,
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function byShell({ shell, shellSays }: Question, { capture, data }: { capture: string; data: string }): Way {
  let tokens = 0
  let output = ''
  for (const command of shell) {
    const text = run(command, { CAPTURE: capture, DATA: data }).slice(0, SHELL_CHARS)
    output += text
    tokens += countTokens(command) + countTokens(text)
  }
  return { steps: shell.length, tokens, answered: shellSays?.test(output) === true }
}

function run(command: string, env: Readonly<Record<string, string>>): string {
  try {
    return execFileSync('sh', ['-c', command], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, LC_ALL: 'C', ...env },
      encoding: 'utf8',
      maxBuffer: 256 * 2 ** 20,
    })
  } catch (error) {
    // grep that finds nothing exits 1.
    return typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : ''
  }
}
