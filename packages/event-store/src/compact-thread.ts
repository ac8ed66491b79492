import { runJob } from './background-job.ts'
import { type CompactOptions, compactStore } from './compaction/compact.ts'

/** What a background compaction is started with. */
export type CompactThreadData = Pick<
  CompactOptions,
  'dir' | 'memoryLimit' | 'workingMemory' | 'threads' | 'graceMs' | 'idleFactor'
>

await runJob((data: CompactThreadData, signal) => compactStore({ ...data, signal }))
