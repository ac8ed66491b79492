import type { CancelTimer, Clock } from '@vectra/schemas'
import type { CompactThreadData } from '../compact-thread.ts'
import { systemEnv } from '../env.ts'
import { EventStoreError, STORE_ERROR_CODES } from '../errors.ts'
import { startThread } from '../thread.ts'
import type { CompactReport } from './compact.ts'

/** Options of {@link startCompaction}. */
export interface BackgroundCompactionOptions {
  readonly dir: string
  /** Default 5 minutes: at 100 events/s that is 300 small parts. */
  readonly everyMs?: number
  /** DuckDB's buffers, default `512MB`. */
  readonly memoryLimit?: string
  /** Replaced files stay this long for readers that hold no lease. Default 60,000 ms. */
  readonly graceMs?: number
  readonly clock?: Clock
  readonly onDone?: (report: CompactReport) => void
  /** Trouble; the next run tries again. That another process compacts is none. */
  readonly onFault?: (error: EventStoreError) => void
}

/** Compaction beside a recorder. */
export interface BackgroundCompaction extends AsyncDisposable {
  /** Compacts now, unless it is at it; resolves when that is done. Null when it failed (`onFault` knows), or another process is at it. */
  run(): Promise<CompactReport | null>
  /** Stops the timer and what is running; what was begun is undone. Calling it again is fine. */
  close(): Promise<void>
}

type Reply =
  | { readonly ok: true; readonly report: CompactReport }
  | { readonly ok: false; readonly stopped: boolean; readonly code: string | undefined; readonly message: string }

/** One thread of the machine, and after each merge three times its length for the recorder alone. */
const BOUNDS = { threads: 1, idleFactor: 3 } as const
const GRACE_MS = 60_000
const EVERY_MS = 5 * 60_000

/** Compacts a directory from time to time on a thread of its own: the journal never waits for it. */
export function startCompaction(options: BackgroundCompactionOptions): BackgroundCompaction {
  const clock = options.clock ?? systemEnv().clock
  const data: CompactThreadData = {
    dir: options.dir,
    memoryLimit: options.memoryLimit ?? '512MB',
    graceMs: options.graceMs ?? GRACE_MS,
    ...BOUNDS,
  }
  let running: Promise<CompactReport | null> | undefined
  let stop = (): void => {}
  let timer: CancelTimer | undefined
  let closed = false

  const once = async (): Promise<CompactReport | null> => {
    const worker = startThread('compact-thread', data)
    stop = () => worker.postMessage('stop')
    const replies: Reply[] = []
    worker.on('message', (message: Reply) => void replies.push(message))
    const { promise, resolve } = Promise.withResolvers<string>()
    worker.once('error', (error) => resolve(error instanceof Error ? error.message : String(error)))
    worker.once('exit', (code) => resolve(`exit code ${code}`))
    const end = await promise
    const [reply] = replies
    if (reply?.ok === true) {
      options.onDone?.(reply.report)
      return reply.report
    }
    if (reply?.stopped === true || reply?.code === 'STORE_BUSY') return null
    const code = STORE_ERROR_CODES.find((known) => known === reply?.code) ?? 'STORE_THREAD'
    options.onFault?.(new EventStoreError(code, `compaction failed: ${reply?.message ?? end}`, { context: { dir: options.dir } }))
    return null
  }
  const run = (): Promise<CompactReport | null> => {
    if (closed) return Promise.resolve(null)
    running ??= once().finally(() => {
      running = undefined
    })
    return running
  }
  const arm = (): void => {
    timer = clock.timer(options.everyMs ?? EVERY_MS, () => {
      void run().finally(() => {
        if (!closed) arm()
      })
    })
  }
  arm()
  const close = async (): Promise<void> => {
    closed = true
    timer?.()
    if (running !== undefined) stop()
    await running
  }
  return { run, close, [Symbol.asyncDispose]: close }
}
