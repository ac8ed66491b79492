import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEventStore } from '@vectra/event-store'
import { replaySource, systemClock, systemRandom } from '@vectra/ingest'
import { runRecorder, sampleFeed } from '@vectra/recorder'
import { onTestFinished } from 'vitest'

/** A folder of the test's own, removed when it ends. */
export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'vectra-indexer-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Records a generated feed of whole rounds into a data directory. */
export async function recordSample(dir: string, seed: string): Promise<void> {
  await using store = await openEventStore({ dir })
  const frames = [...sampleFeed({ seed, startAt: Date.UTC(2026, 1, 6) * 1000 })].map((frame) => ({
    ...frame,
    direction: 'received' as const,
  }))
  const clock = systemClock()
  const source = replaySource(frames, { clock, speed: 'max' })
  await runRecorder({ sources: [source], store, clock, random: systemRandom() }).finished
}
