import { runJob } from './background-job.ts'
import { type ScrubOptions, scrubStore } from './integrity/scrub.ts'

/** What a background scrub is started with. */
export type ScrubThreadData = Pick<ScrubOptions, 'dir' | 'rate'>

await runJob((data: ScrubThreadData, signal) => scrubStore({ ...data, signal }))
