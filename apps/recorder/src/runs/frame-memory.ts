import { createHash } from 'node:crypto'
import type { EventEnvelope, Micros } from '@vectra/schemas'
import { carriesData } from '../ops/durable-rows.ts'

/** Frames remembered at most: an overlap lasts seconds, and what is beyond is only not counted. */
const MOST_FRAMES = 500_000

/** The frames that this process made durable while another still recorded, so that what both have can be counted. */
export class FrameMemory {
  readonly #counts = new Map<string, number>()
  #size = 0
  /** Receive time of the first one; null before it. */
  firstAt: Micros | null = null

  add(batch: readonly EventEnvelope[]): void {
    for (const event of batch) {
      if (!carriesData(event)) continue
      this.firstAt ??= event._ts
      if (this.#size >= MOST_FRAMES) continue
      const key = keyOf(event.packet, event.raw_json)
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
      this.#size += 1
    }
  }

  /** Was this very frame received here, too? Each copy counts once. */
  take(packet: string, rawJson: string): boolean {
    const key = keyOf(packet, rawJson)
    const count = this.#counts.get(key) ?? 0
    if (count === 0) return false
    this.#counts.set(key, count - 1)
    return true
  }
}

function keyOf(packet: string, rawJson: string): string {
  return createHash('sha256').update(packet).update(rawJson).digest('base64')
}
