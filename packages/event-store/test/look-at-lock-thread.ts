import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

/** Looks at a lock again and again, as `verify` and pages do, but slower. */
const pause = new Int32Array(new SharedArrayBuffer(4))
const db = new DatabaseSync(workerData as string, { readOnly: true, timeout: 1_000 })
parentPort?.postMessage('ready')
for (;;) {
  db.exec('BEGIN')
  db.prepare('SELECT count(*) FROM sqlite_schema').get()
  Atomics.wait(pause, 0, 0, 2)
  db.exec('COMMIT')
}
