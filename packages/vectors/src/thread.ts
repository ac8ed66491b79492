import { Worker } from 'node:worker_threads'

/** Starts this package's thread entry, from source or from the build, whichever is running. */
export function startEmbeddingThread(workerData: unknown): Worker {
  const source = import.meta.url.endsWith('.ts')
  return new Worker(new URL(source ? './embedding-thread.ts' : './embedding-thread.js', import.meta.url), {
    workerData,
    name: 'vectra-embedding',
    // A test runner's own flags are not for our threads.
    execArgv: ['--disable-warning=ExperimentalWarning', ...(source ? ['--conditions=@vectra/source'] : [])],
  })
}
