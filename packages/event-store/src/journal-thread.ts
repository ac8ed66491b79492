import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { systemEnv } from './env.ts'
import type { SegmentLimits } from './journal.ts'
import { type JournalReply, type JournalRequest, JournalServer } from './journal-server.ts'
import { storePaths } from './paths.ts'

/** What the store starts the journal's thread with. */
export interface JournalThreadData {
  readonly dir: string
  readonly limits: SegmentLimits
  /** One Int32: sealed segments that are not yet parts. */
  readonly backlog: SharedArrayBuffer
}

/** The thread's answer: what happened, and the buffers of the requests for use again. */
export interface JournalThreadReply extends JournalReply {
  readonly recycled: readonly ArrayBuffer[]
}

const { dir, limits, backlog } = workerData as JournalThreadData
const port = parentPort
if (port === null) throw new Error('the journal thread is started by the store')

const counter = new Int32Array(backlog)
const server = new JournalServer({
  fs: systemEnv().fs,
  paths: storePaths(dir),
  limits,
  behind: () => Atomics.load(counter, 0) > 0,
})

// Natural group commit: while one sync runs, requests collect; all of them go into the next.
port.on('message', (first: JournalRequest) => {
  const requests = [first]
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
    requests.push(next.message as JournalRequest)
  const reply = server.handle(requests)
  Atomics.add(counter, 0, reply.sealed.length)
  // Buffers go back for the next lines: fresh memory costs more than writing into it.
  const recycled = requests.flatMap((request) => (request.kind === 'append' ? [request.bytes.buffer as ArrayBuffer] : []))
  port.postMessage({ ...reply, recycled } satisfies JournalThreadReply, recycled)
})
