import type { Clock } from '@vectra/schemas'
import { type BackgroundJob, backgroundJob } from '../background-job.ts'
import { systemEnv } from '../env.ts'
import type { EventStoreError } from '../errors.ts'
import type { ScrubThreadData } from '../scrub-thread.ts'
import type { ScrubReport } from './scrub.ts'

/** Options of {@link startScrub}. */
export interface BackgroundScrubOptions {
  readonly dir: string
  /** From the end of one pass to the start of the next. Default 24 hours. */
  readonly everyMs?: number
  /** Bytes read per second at most. Default 10,000,000: 0.5 % of a core. */
  readonly rate?: number
  readonly clock?: Clock
  /** A pass is through; its findings may be many, or none. */
  readonly onDone?: (report: ScrubReport) => void
  /** Trouble; the next run tries again. */
  readonly onFault?: (error: EventStoreError) => void
}

/** A scrub beside a recorder. */
export type BackgroundScrub = BackgroundJob<ScrubReport>

const EVERY_MS = 24 * 60 * 60_000
const RATE = 10_000_000

/** Scrubs a directory from time to time on a thread of its own; a pass that is cut off is gone on with. */
export function startScrub(options: BackgroundScrubOptions): BackgroundScrub {
  const data: ScrubThreadData = { dir: options.dir, rate: options.rate ?? RATE }
  return backgroundJob<ScrubReport>({
    thread: 'scrub-thread',
    data,
    name: 'scrub',
    everyMs: options.everyMs ?? EVERY_MS,
    clock: options.clock ?? systemEnv().clock,
    onDone: options.onDone,
    onFault: options.onFault,
  })
}
