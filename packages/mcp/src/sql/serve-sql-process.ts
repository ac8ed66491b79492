import { VectraError } from '@vectra/schemas'
import type { SqlAnswer } from '../ports.ts'
import type { SqlReply, SqlRequest } from './messages.ts'

/** What the process runs statements on. */
export interface SqlEngine {
  sql(
    text: string,
    bounds: { readonly maxRows: number; readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<SqlAnswer>
  close(): Promise<void>
}

/** Bounds of the process itself. */
export interface SqlProcessLimits {
  /** Resident memory at which the process ends itself, in bytes; default 2 GiB. */
  readonly memoryBytes?: number | undefined
}

/** How often memory is looked at. */
const LOOK_MS = 25

/**
 * The other side of `openSqlProcess`: answers statements until the parent goes, and ends the process when it grows too large,
 * which is what strings made inside a single expression do. Called once, by the module that is forked.
 */
export async function serveSqlProcess(
  open: () => Promise<SqlEngine>,
  { memoryBytes = 2 * 2 ** 30 }: SqlProcessLimits = {},
): Promise<void> {
  const send = (reply: SqlReply): void => {
    process.send?.(reply)
  }
  // Not `exit`: it waits for a statement that runs in a thread, and nobody would stop that one any more.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  setInterval(() => {
    if (process.memoryUsage.rss() > memoryBytes) process.kill(process.pid, 'SIGKILL')
  }, LOOK_MS).unref()
  const engine = await open()
  const running = new Map<number, AbortController>()
  process.on('message', (request: SqlRequest) => {
    if (request.kind === 'cancel') running.get(request.id)?.abort(new DOMException('cancelled', 'AbortError'))
    else void answer(request)
  })
  const answer = async ({ id, sql, maxRows, timeoutMs }: SqlRequest & { kind: 'run' }): Promise<void> => {
    const controller = new AbortController()
    running.set(id, controller)
    try {
      send({ kind: 'answer', id, answer: await engine.sql(sql, { maxRows, timeoutMs, signal: controller.signal }) })
    } catch (error) {
      const code = error instanceof VectraError ? error.code : 'QUERY_FAILED'
      const message = error instanceof Error ? error.message : String(error)
      const { excerpt, hint, suggestion } = error instanceof VectraError ? error.context : {}
      send({ kind: 'error', id, code, message, context: { excerpt, hint, suggestion } })
    } finally {
      running.delete(id)
    }
  }
  send({ kind: 'ready' })
}
