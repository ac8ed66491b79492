import { type ChildProcess, fork } from 'node:child_process'
import { VectraError } from '@vectra/schemas'
import { McpError } from '../errors.ts'
import type { CallScope, SqlAnswer, SqlPort } from '../ports.ts'
import type { SqlReply, SqlRequest } from './messages.ts'

/** How to run statements in a process of their own. */
export interface SqlProcessOptions {
  /** Module that calls {@link serveSqlProcess}. */
  readonly module: string | URL
  readonly args?: readonly string[] | undefined
  readonly execArgv?: readonly string[] | undefined
  /** Environment of the process; default none but PATH, HOME and the temporary directory's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** How long starting may take; default 20 s. */
  readonly startMs?: number | undefined
  /** How long after its time, or a cancel, a statement may take to end before the process is killed; default 1,500 ms. */
  readonly graceMs?: number | undefined
  /** Statements that may wait for the one that runs; default 8. */
  readonly queue?: number | undefined
}

/** The port, and the process behind it. */
export interface SqlProcess extends SqlPort, AsyncDisposable {
  /** Process that runs now; undefined while none does. */
  readonly pid: number | undefined
  /** How many processes were started so far. */
  readonly starts: number
  close(): Promise<void>
}

/**
 * Runs SQL of anybody in a child process, one statement at a time: whatever a statement does to its process, the server goes on, and
 * the next statement finds a new one. The process is started by the first statement.
 */
export function openSqlProcess(options: SqlProcessOptions): SqlProcess {
  let child: Worker | undefined
  let starts = 0
  let closed = false
  let tail: Promise<unknown> = Promise.resolve()
  let waiting = 0
  const graceMs = options.graceMs ?? 1_500

  const running = async (): Promise<Worker> => {
    if (child?.alive !== true) {
      starts++
      child = new Worker(options)
    }
    await child.ready
    return child
  }
  const run: SqlPort['sql'] = async (text, bounds, { signal }) => {
    signal.throwIfAborted()
    if (closed) throw new McpError('MCP_SQL_PROCESS', 'the SQL process was closed')
    const worker = await running()
    return worker.run(text, bounds, signal, graceMs)
  }
  const process: SqlProcess = {
    get pid() {
      return child?.alive === true ? child.pid : undefined
    },
    get starts() {
      return starts
    },
    sql(text, bounds, scope: CallScope) {
      if (waiting >= (options.queue ?? 8)) {
        return Promise.reject(new McpError('MCP_SQL_PROCESS', `${waiting} statements wait already; try again when they are done`))
      }
      waiting++
      const answer = tail.then(() => run(text, bounds, scope)).finally(() => waiting--)
      tail = answer.catch(() => undefined)
      return answer
    },
    async close() {
      closed = true
      await child?.kill()
    },
    [Symbol.asyncDispose]: () => process.close(),
  }
  return process
}

class Worker {
  readonly ready: Promise<void>
  readonly #child: ChildProcess
  readonly #gone: Promise<void>
  #pending: { readonly id: number; readonly reply: (reply: SqlReply) => void; readonly gone: (why: string) => void } | undefined
  #id = 0
  alive = true

  constructor({ module, args = [], execArgv, env, startMs = 20_000 }: SqlProcessOptions) {
    this.#child = fork(module, [...args], {
      env: { ...minimalEnv(), ...env },
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
      // Its stdout is nobody's: ours carries the protocol.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const gone = Promise.withResolvers<void>()
    const ready = Promise.withResolvers<void>()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), startMs)
    this.#gone = gone.promise
    this.ready = ready.promise
    // Nobody may be waiting when it ends.
    this.ready.catch(() => undefined)
    const end = (why: string): void => {
      clearTimeout(timer)
      this.alive = false
      ready.reject(new McpError('MCP_SQL_PROCESS', `the SQL process ended before it was ready (${why})`))
      this.#pending?.gone(why)
      gone.resolve()
    }
    this.#child.on('message', (reply: SqlReply) => {
      if (reply.kind === 'ready') {
        clearTimeout(timer)
        ready.resolve()
      } else if (reply.id === this.#pending?.id) this.#pending.reply(reply)
    })
    this.#child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`))
    this.#child.once('error', (error) => end(error.message))
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  async run(
    text: string,
    bounds: { readonly maxRows: number; readonly timeoutMs: number },
    signal: AbortSignal,
    graceMs: number,
  ): Promise<SqlAnswer> {
    signal.throwIfAborted()
    const id = ++this.#id
    const { promise, resolve, reject } = Promise.withResolvers<SqlAnswer>()
    const kill = (): void => void this.#child.kill('SIGKILL')
    let late = setTimeout(kill, bounds.timeoutMs + graceMs)
    const cancel = (): void => {
      this.#send({ kind: 'cancel', id })
      clearTimeout(late)
      late = setTimeout(kill, graceMs)
    }
    this.#pending = {
      id,
      reply: (reply) => {
        if (reply.kind === 'answer') resolve(reply.answer)
        else if (reply.kind === 'error') reject(new VectraError(reply.code, reply.message, { context: reply.context }))
      },
      gone: (why) =>
        reject(
          new McpError(
            'MCP_SQL_PROCESS',
            `the statement ended the process that ran it (${why}): it took too long or too much memory. The next statement gets a new process; narrow this one`,
          ),
        ),
    }
    signal.addEventListener('abort', cancel, { once: true })
    try {
      this.#send({ kind: 'run', id, sql: text, ...bounds })
      return await promise
    } finally {
      clearTimeout(late)
      signal.removeEventListener('abort', cancel)
      this.#pending = undefined
    }
  }

  #send(request: SqlRequest): void {
    // A process that is gone says so by itself.
    if (this.#child.connected) this.#child.send(request, () => undefined)
  }

  async kill(): Promise<void> {
    if (!this.alive) return
    this.#child.kill('SIGKILL')
    await this.#gone
  }
}

function minimalEnv(): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR, TEMP, SystemRoot } = process.env
  return { PATH, HOME, TMPDIR, TEMP, SystemRoot }
}
