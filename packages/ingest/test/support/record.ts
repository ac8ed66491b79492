import type { Clock, Random } from '@vectra/schemas'
import {
  createPipeline,
  type Pipeline,
  type PipelineOptions,
  type PipelineSummary,
  type Source,
  systemClock,
  systemRandom,
} from '../../src/index.ts'
import { MemorySink } from './memory-sink.ts'

/** Runs a source to its end into memory. */
export async function record(
  source: Source,
  options: Partial<PipelineOptions> & { sink?: MemorySink; clock?: Clock; random?: Random; signal?: AbortSignal } = {},
): Promise<{ sink: MemorySink; summary: PipelineSummary; pipeline: Pipeline }> {
  const { signal, ...rest } = options
  const sink = options.sink ?? new MemorySink()
  const pipeline = createPipeline({ clock: systemClock(), random: systemRandom(), ...rest, source, sink })
  return { sink, pipeline, summary: await pipeline.run(signal) }
}
