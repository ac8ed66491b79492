import { Worker } from 'node:worker_threads'

/** This package's thread entries. */
export type ThreadName = 'journal-thread' | 'encode-thread' | 'compact-thread' | 'scrub-thread'

/** Starts one of this package's thread entries, from source or from the build, whichever is running. */
export function startThread(name: ThreadName, workerData: unknown): Worker {
  const source = import.meta.url.endsWith('.ts')
  return new Worker(new URL(source ? `./${name}.ts` : `./${name}.js`, import.meta.url), {
    workerData,
    name: `vectra-${name}`,
    // A test runner's own flags are not for our threads.
    execArgv: ['--disable-warning=ExperimentalWarning', ...(source ? ['--conditions=@vectra/source'] : [])],
  })
}
