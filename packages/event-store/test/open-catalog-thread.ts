import { parentPort, workerData } from 'node:worker_threads'
import { SqliteCatalogWriter } from '../src/catalog-writer.ts'

/** Opens catalogs at the moment the others do: each waits until the count in shared memory reaches its own. */
const gate: Int32Array = workerData
let opened = 0
parentPort?.on('message', (file: string) => {
  opened += 1
  while (Atomics.load(gate, 0) < opened);
  try {
    new SqliteCatalogWriter(file, 1).close()
    parentPort?.postMessage('opened')
  } catch (error) {
    parentPort?.postMessage(error instanceof Error ? `${error.message}: ${String(error.cause)}` : 'unknown')
  }
})
parentPort?.postMessage('ready')
