import type { EventEnvelope, Random } from '@vectra/schemas'
import { sessionIdAt } from '../session-id.ts'
import { type ReplaySourceOptions, replaySource } from '../sources/replay.ts'
import { Stamp } from '../stamp.ts'
import { Translator } from '../translate.ts'
import type { ReplayRecords } from './records.ts'

/** What {@link replayEvents} needs. */
export interface ReplayEventsOptions extends ReplaySourceOptions {
  readonly random: Random
  /** Default: never. The iteration ends, it does not throw. */
  readonly signal?: AbortSignal
}

/**
 * A recording as decoded events, by the very same path as live frames: paced, validated, tied to their acks and games, numbered
 * from 1 in a session of their own. Nothing is stored. Breaking out of the loop ends it.
 *
 * @throws TypeError for a speed that is none, or `loop` over records that can be read once only
 */
export async function* replayEvents(
  records: ReplayRecords,
  options: ReplayEventsOptions,
): AsyncGenerator<EventEnvelope, void, undefined> {
  const { clock, random, signal = new AbortController().signal } = options
  const source = replaySource(records, options)
  const sessionId = sessionIdAt(clock.now(), random)
  const translator = new Translator(source, new Stamp({ sessionId, source: source.name, origin: source.origin }))
  for await (const item of source.items(signal)) {
    for (const { envelope } of translator.translate(item)) yield envelope
  }
}
