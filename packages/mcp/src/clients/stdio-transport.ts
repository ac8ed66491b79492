import { type ChildProcess, spawn } from 'node:child_process'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import { parseJSONRPCMessage } from '@modelcontextprotocol/client'
import { McpError } from '../errors.ts'

/** A server that is a program. */
export interface StdioServer {
  readonly command: string
  readonly args?: readonly string[] | undefined
  /** All of its environment but PATH, HOME and the like. */
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly cwd?: string | undefined
}

/** Longest line a server may send: a message above it ends the connection. */
const MAX_LINE = 8 * 2 ** 20

/** What an answer above it is said to be. */
export const TOO_LONG = /an answer of more than \d+ MB/

/** How long a server may take to leave after its stdin was closed. */
const LEAVE_MS = 300

/** Process groups that live: none outlives this process, however it ends. */
const groups = new Set<number>()
let watching = false

/**
 * A server as a child process with a process group of its own, so that what it starts ends with it (`uvx` starts Python).
 *
 * Lines that are no JSON are kept as `noise` and skipped: chroma-mcp prints two before it speaks.
 */
export class StdioPeerTransport implements Transport {
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  onmessage?: Transport['onmessage']
  /** Lines on stdout that were no messages, the first few. */
  readonly noise: string[] = []
  readonly #server: StdioServer
  #child: ChildProcess | undefined
  #stderr = ''
  #rest: Buffer[] = []
  #restBytes = 0
  #closed: Promise<void> | undefined
  #exited: Promise<void> | undefined
  #drained: Promise<void> | undefined
  #ended: string | undefined

  constructor(server: StdioServer) {
    this.#server = server
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** The end of what it wrote to stderr. */
  get stderr(): string {
    return this.#stderr
  }

  /** How it ended, when it did. */
  get ended(): string | undefined {
    return this.#ended
  }

  async start(): Promise<void> {
    const { command, args = [], env, cwd } = this.#server
    const child = spawn(command, [...args], {
      env: { ...inheritedEnv(), ...env },
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      shell: false,
    })
    this.#child = child
    const exited = Promise.withResolvers<void>()
    this.#exited = exited.promise
    const drained = Promise.withResolvers<void>()
    this.#drained = drained.promise
    child.once('close', () => drained.resolve())
    child.stdin?.on('error', () => undefined)
    child.stdout?.on('data', (chunk: Buffer) => this.#take(chunk))
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-4_000)
    })
    child.once('exit', (code, signal) => {
      this.#ended = signal === null ? `exit code ${code}` : `signal ${signal}`
      exited.resolve()
      void this.close()
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (cause) => {
        exited.resolve()
        reject(new McpError('MCP_SPAWN', `cannot start ${command}: ${cause.message}`, { cause, context: { command } }))
      })
    })
    watchGroups()
    if (child.pid !== undefined) groups.add(child.pid)
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin
    if (stdin === undefined || stdin === null || this.#closed !== undefined)
      throw new McpError('MCP_CONNECT', `the server has gone (${this.#ended ?? 'closed'})`)
    await new Promise<void>((resolve, reject) =>
      stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve())),
    )
  }

  #take(chunk: Buffer): void {
    let from = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      this.#rest.push(chunk.subarray(from, at))
      const line = Buffer.concat(this.#rest)
      this.#rest = []
      this.#restBytes = 0
      from = at + 1
      if (line.length > MAX_LINE) return this.#tooLong()
      this.#message(line.toString('utf8').trim())
    }
    this.#rest.push(chunk.subarray(from))
    this.#restBytes += chunk.length - from
    if (this.#restBytes > MAX_LINE) this.#tooLong()
  }

  #tooLong(): void {
    this.#rest = []
    this.#restBytes = 0
    this.#child?.stdout?.removeAllListeners('data').resume()
    this.onerror?.(
      new McpError('MCP_RESULT', `the server sent an answer of more than ${MAX_LINE / 2 ** 20} MB; ask it for less at once`),
    )
    void this.close()
  }

  #message(line: string): void {
    if (line === '') return
    let message: JSONRPCMessage
    try {
      message = parseJSONRPCMessage(JSON.parse(line))
    } catch {
      if (this.noise.length < 20) this.noise.push(line.slice(0, 200))
      return
    }
    this.onmessage?.(message)
  }

  /** Ends the server: its stdin, then, if it stays, its whole group. Resolves when it is gone. */
  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    const child = this.#child
    if (child?.pid !== undefined) {
      child.stdin?.end()
      const timer = setTimeout(() => killGroup(child), LEAVE_MS)
      await this.#exited
      clearTimeout(timer)
      // What it left running goes too.
      killGroup(child)
      groups.delete(child.pid)
      // Its last words may still be in the pipes; whoever left its group may hold them open.
      const late = setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, LEAVE_MS)
      await this.#drained
      clearTimeout(late)
    }
    this.onclose?.()
  }
}

function killGroup(child: ChildProcess): void {
  try {
    if (process.platform !== 'win32' && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}

function watchGroups(): void {
  if (watching) return
  watching = true
  process.once('exit', () => {
    for (const pid of groups) {
      try {
        process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
      } catch {
        // Gone already.
      }
    }
  })
}

/** What a child gets without being given it: no tokens, no keys. */
function inheritedEnv(): Record<string, string> {
  const names = [
    'HOME',
    'LOGNAME',
    'PATH',
    'SHELL',
    'TERM',
    'USER',
    'LANG',
    'TMPDIR',
    'TEMP',
    'SystemRoot',
    'APPDATA',
    'LOCALAPPDATA',
    'UV_CACHE_DIR',
    'XDG_CACHE_HOME',
  ]
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}
