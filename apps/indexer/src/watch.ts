import { join, relative, sep } from 'node:path'
import watcher from '@parcel/watcher'
import { VectorsError } from '@vectra/vectors'
import type { IndexerConfig } from './config.ts'
import type { Indexer, RunReport } from './indexer.ts'
import { isIndexedFile, isJudgedFile } from './sources/context.ts'
import { storeStamp } from './sources/stamp.ts'

/** What a watch reports. */
export interface WatchHooks {
  /** After every run that was set off by a change, and after the first one. */
  readonly onRun?: ((report: RunReport, reason: 'start' | 'repository' | 'store') => void) | undefined
  /** A run that failed; the watch goes on. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** How often the store is asked whether it has new files, and how long a burst of edits is collected. */
const POLL_MS = 500
const SETTLE_MS = 100
/** The same for edits of code alone: they change verdicts, not texts, and come in longer bursts. */
const CODE_SETTLE_MS = 800
const IGNORED = ['**/node_modules/**', '**/.git/**', '**/dist/**', '**/.turbo/**']

type Reason = Parameters<NonNullable<WatchHooks['onRun']>>[1]

/**
 * Keeps the tables up to date until the signal aborts: follows the repository by the system's file events, the store by its
 * catalog. An edit is searchable within two seconds.
 */
export async function watch(indexer: Indexer, config: IndexerConfig, signal: AbortSignal, hooks: WatchHooks = {}): Promise<void> {
  const pending = new Set<Reason>(['start'])
  let wake: () => void = () => {}
  let calm = SETTLE_MS
  const request = (reason: Reason, settle: number = SETTLE_MS): void => {
    calm = pending.size === 0 ? settle : Math.min(calm, settle)
    pending.add(reason)
    wake()
  }
  const { repoDir, dataDir } = config
  const subscription =
    repoDir === undefined
      ? undefined
      : await watcher.subscribe(
          repoDir,
          (error, events) => {
            if (error !== null) {
              hooks.onError?.(error)
              return
            }
            const paths = events.map(({ path }) => relative(repoDir, path).split(sep).join('/'))
            if (paths.some(isIndexedFile)) request('repository')
            else if (paths.some(isJudgedFile)) request('repository', CODE_SETTLE_MS)
          },
          { ignore: [...IGNORED, join(dataDir, '**')] },
        )
  let stamp = storeStamp(dataDir)
  const poll = setInterval(() => {
    const now = storeStamp(dataDir)
    if (now !== stamp) request('store')
    stamp = now
  }, POLL_MS)
  const stop = (): void => wake()
  signal.addEventListener('abort', stop)
  try {
    while (!signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      if (pending.size === 0) await promise
      else await runPending(indexer, pending, signal, hooks, () => calm)
    }
  } finally {
    clearInterval(poll)
    signal.removeEventListener('abort', stop)
    await subscription?.unsubscribe()
  }
}

async function runPending(
  indexer: Indexer,
  pending: Set<Reason>,
  signal: AbortSignal,
  hooks: WatchHooks,
  calm: () => number,
): Promise<void> {
  if (!pending.has('start')) await settled(calm(), signal)
  const reason: Reason = pending.has('start') ? 'start' : pending.has('repository') ? 'repository' : 'store'
  const reasons = [...pending]
  pending.clear()
  try {
    hooks.onRun?.(await indexer.run({ signal }), reason)
  } catch (error) {
    if (signal.aborted) return
    hooks.onError?.(error)
    // Another process holds the tables: try again, not in a tight loop.
    if (error instanceof VectorsError && error.code === 'VECTORS_BUSY') for (const again of reasons) pending.add(again)
    await settled(POLL_MS, signal)
  }
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
