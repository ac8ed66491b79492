import { parentPort, workerData } from 'node:worker_threads'
import { type ScrubOptions, scrubStore } from './integrity/scrub.ts'

/** What a background scrub is started with. */
export type ScrubThreadData = Pick<ScrubOptions, 'dir' | 'rate'>

const port = parentPort
if (port === null) throw new Error('the scrub thread is started by the store')

const stop = new AbortController()
port.once('message', () => stop.abort(new Error('stopped')))

try {
  const report = await scrubStore({ ...(workerData as ScrubThreadData), signal: stop.signal })
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
