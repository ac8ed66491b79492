import { lstatSync, realpathSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import watcher, { type AsyncSubscription, type Event, type SubscribeCallback } from '@parcel/watcher'
import { TABLES, type TableName, VectorsError } from '@vectra/vectors'
import type { IndexerConfig } from './config.ts'
import { IndexerError } from './errors.ts'
import type { Indexer, RunReport } from './indexer.ts'
import { isIndexedFile, isJudgedFile, isProtocolPage } from './sources/context.ts'
import { storeStamp } from './sources/stamp.ts'

/** What a watch reports. */
export interface WatchHooks {
  /** After every run that was set off by a change, and after the first one. */
  readonly onRun?: ((report: RunReport, reason: 'start' | 'repository' | 'store') => void) | undefined
  /** A run that failed; the watch goes on and tries again. One fault is told once, until a run succeeds. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** How often the store is asked whether it has new files, and how long a burst of edits is collected. */
const POLL_MS = 500
const SETTLE_MS = 100
/** How long a failed run waits for the next try: the tables of another process are free at any moment, other faults stay. */
const BUSY_MS = 500
const RETRY_MS = [1_000, 5_000, 20_000, 60_000] as const
/** The same for edits of code alone: they change verdicts, not texts, and come in longer bursts. */
const CODE_SETTLE_MS = 800
const IGNORED = ['**/node_modules/**', '**/.git/**', '**/dist/**', '**/.turbo/**']

type Reason = Parameters<NonNullable<WatchHooks['onRun']>>[1]

/**
 * Keeps the tables up to date until the signal aborts: follows the repository by the system's file events, the store by its
 * catalog. An edit is searchable within two seconds.
 *
 * @throws IndexerError INDEXER_WATCH
 */
export async function watch(indexer: Indexer, config: IndexerConfig, signal: AbortSignal, hooks: WatchHooks = {}): Promise<void> {
  const pending = new Set<Reason>(['start'])
  let wake: () => void = () => {}
  let calm = SETTLE_MS
  let running: { readonly reason: Reason; readonly stop: AbortController } | undefined
  const request = (reason: Reason, settle: number = SETTLE_MS): void => {
    calm = pending.size === 0 ? settle : Math.min(calm, settle)
    pending.add(reason)
    // Somebody waits for an edit, nobody for the events of a recording: what was read of them so far is kept.
    if (reason === 'repository' && settle === SETTLE_MS && running?.reason === 'store') {
      pending.add('store')
      running.stop.abort()
    }
    wake()
  }
  let pagesChanged = false
  const told = new Set<string>()
  const tell = (error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error)
    if (!told.has(text)) hooks.onError?.(error)
    told.add(text)
  }
  const { dataDir } = config
  // The watcher follows no link, and names what it sees by its real path.
  const root = config.repoDir === undefined ? undefined : realpathSync(config.repoDir)
  const subscription =
    root === undefined
      ? undefined
      : await subscribed(
          root,
          (error, events) => {
            if (error !== null) {
              // What happened meanwhile is not known: look at everything.
              tell(error)
              pagesChanged = true
              request('repository')
              return
            }
            const paths = events.map(({ path }) => relative(root, path).split(sep).join('/'))
            const hasFolder = events.some(isFolderEvent)
            pagesChanged ||= hasFolder || paths.some(isProtocolPage)
            if (hasFolder || paths.some(isIndexedFile)) request('repository')
            else if (paths.some(isJudgedFile)) request('repository', CODE_SETTLE_MS)
          },
          [...IGNORED, join(dataDir, '**'), join(realPath(dataDir), '**')],
        )
  let stamp = storeStamp(dataDir)
  const poll = setInterval(() => {
    try {
      const now = storeStamp(dataDir)
      if (now !== stamp) request('store')
      stamp = now
    } catch (error) {
      tell(error)
    }
  }, POLL_MS)
  let retry: NodeJS.Timeout | undefined
  let failures = 0
  const stop = (): void => wake()
  signal.addEventListener('abort', stop)
  try {
    while (!signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      if (pending.size === 0) {
        await promise
        continue
      }
      if (!pending.has('start')) await settled(calm, signal)
      const reason: Reason = pending.has('start') ? 'start' : pending.has('repository') ? 'repository' : 'store'
      const tables = tablesFor(reason, pagesChanged)
      if (reason === 'start') pending.clear()
      else pending.delete(reason)
      if (reason !== 'store') pagesChanged = false
      clearTimeout(retry)
      const stop = new AbortController()
      running = { reason, stop }
      try {
        const report = await indexer.run({ tables, signal: AbortSignal.any([signal, stop.signal]) })
        failures = 0
        told.clear()
        hooks.onRun?.(report, reason)
      } catch (error) {
        if (signal.aborted) return
        if (stop.signal.aborted) continue
        tell(error)
        if (tables.includes('events')) pagesChanged = true
        const busy = error instanceof VectorsError && error.code === 'VECTORS_BUSY'
        const wait = busy ? BUSY_MS : RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]
        retry = setTimeout(() => request(reason), wait)
      } finally {
        running = undefined
      }
    }
  } finally {
    clearInterval(poll)
    clearTimeout(retry)
    signal.removeEventListener('abort', stop)
    await subscription?.unsubscribe()
  }
}

async function subscribed(root: string, hear: SubscribeCallback, ignore: string[]): Promise<AsyncSubscription> {
  try {
    return await watcher.subscribe(root, hear, { ignore })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const full = /No space left|ENOSPC/.test(reason) ? '; raise fs.inotify.max_user_watches' : ''
    throw new IndexerError('INDEXER_WATCH', `${root} cannot be watched: ${reason}${full}`, { cause, context: { root } })
  }
}

/** Where a folder is; a folder that is not there yet is where it is said to be. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return folder
  }
}

/** What a change can have made out of date, what a person waits for first. */
function tablesFor(reason: Reason, pagesChanged: boolean): readonly TableName[] {
  if (reason === 'start') return TABLES
  if (reason === 'store') return ['debug_notes', 'events']
  return pagesChanged ? ['code_context', 'events'] : ['code_context']
}

/** A folder that was moved is one event: nothing is said of the files in it. What went away is a folder if it has no ending. */
function isFolderEvent({ type, path }: Event): boolean {
  if (type === 'delete') return extname(path) === ''
  return type === 'create' && lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function settled(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
