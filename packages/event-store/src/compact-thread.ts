import { parentPort, workerData } from 'node:worker_threads'
import { type CompactOptions, compactStore } from './compaction/compact.ts'

/** What a background compaction is started with. */
export type CompactThreadData = Pick<CompactOptions, 'dir' | 'memoryLimit' | 'threads' | 'graceMs' | 'idleFactor'>

const port = parentPort
if (port === null) throw new Error('the compaction thread is started by the store')

const stop = new AbortController()
port.once('message', () => stop.abort(new Error('stopped')))

try {
  const report = await compactStore({ ...(workerData as CompactThreadData), signal: stop.signal })
  port.postMessage({ ok: true, report })
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  port.postMessage({
    ok: false,
    stopped: stop.signal.aborted,
    code,
    message: error instanceof Error ? error.message : String(error),
  })
}
port.close()
