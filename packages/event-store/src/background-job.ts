import { parentPort, workerData } from 'node:worker_threads'
import type { CancelTimer, Clock } from '@vectra/schemas'
import { EventStoreError, STORE_ERROR_CODES } from './errors.ts'
import { startThread, type ThreadName } from './thread.ts'

/** What a thread that does one job answers when it is done. */
export type JobReply<R> =
  | { readonly ok: true; readonly report: R }
  | { readonly ok: false; readonly stopped: boolean; readonly code: string | undefined; readonly message: string }

/** A job that runs from time to time on a thread of its own. */
export interface BackgroundJobOptions<R> {
  readonly thread: ThreadName
  /** What the thread is started with. */
  readonly data: { readonly dir: string }
  /** What the job is called when it fails. */
  readonly name: string
  readonly everyMs: number
  readonly clock: Clock
  readonly onDone: ((report: R) => void) | undefined
  readonly onFault: ((error: EventStoreError) => void) | undefined
}

/** The life of a {@link backgroundJob}. */
export interface BackgroundJob<R> extends AsyncDisposable {
  /** Runs now, unless it is at it; resolves when that is done. Null when it failed (`onFault` knows), or another process is at it. */
  run(): Promise<R | null>
  /** Stops the timer and what is running. Calling it again is fine. */
  close(): Promise<void>
}

/** Starts the timer of a job; each run has a thread of its own, so that the journal never waits for it. */
export function backgroundJob<R>(options: BackgroundJobOptions<R>): BackgroundJob<R> {
  const { clock, data } = options
  let running: Promise<R | null> | undefined
  let stop = (): void => {}
  let timer: CancelTimer | undefined
  let closed = false

  const once = async (): Promise<R | null> => {
    const worker = startThread(options.thread, data)
    stop = () => worker.postMessage('stop')
    const replies: JobReply<R>[] = []
    worker.on('message', (message: JobReply<R>) => void replies.push(message))
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
    options.onFault?.(
      new EventStoreError(code, `${options.name} failed: ${reply?.message ?? end}`, { context: { dir: data.dir } }),
    )
    return null
  }
  const run = (): Promise<R | null> => {
    if (closed) return Promise.resolve(null)
    running ??= once().finally(() => {
      running = undefined
    })
    return running
  }
  const arm = (): void => {
    timer = clock.timer(options.everyMs, () => {
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

/** The other end of a {@link backgroundJob}: what its thread entry does, once, until it is done or told to stop. */
export async function runJob<D, R>(work: (data: D, signal: AbortSignal) => Promise<R>): Promise<void> {
  const port = parentPort
  if (port === null) throw new Error('a job thread is started by the store')
  const stop = new AbortController()
  port.once('message', () => stop.abort(new Error('stopped')))
  let reply: JobReply<R>
  try {
    reply = { ok: true, report: await work(workerData as D, stop.signal) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    const message = error instanceof Error ? error.message : String(error)
    reply = { ok: false, stopped: stop.signal.aborted, code, message }
  }
  port.postMessage(reply)
  port.close()
}
