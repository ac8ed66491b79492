import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

const CONTEXT =
  '# decoding Context\n\n## Purpose\nParses websocket frames into events.\n\n## Key Decisions\n- **Why one parser:** two drift apart.\n'

/** A repository of a few files. */
export function repository(): string {
  const repoDir = temporaryFolder()
  for (const [path, text] of Object.entries({
    'src/decode/CONTEXT.md': CONTEXT,
    'src/store/CONTEXT.md': '# store Context\n\n## Purpose\nKeeps bytes on the disk.\n',
    'docs/protocol.md': '# Protocol\n\n## 5.1 playerUpdate\nThe wallet balance of the player after every trade.\n',
    'node_modules/x/CONTEXT.md': CONTEXT,
    'ignored/CONTEXT.md': CONTEXT,
    '.gitignore': 'ignored/\n',
  })) {
    mkdirSync(join(repoDir, path, '..'), { recursive: true })
    writeFileSync(join(repoDir, path), text)
  }
  return repoDir
}
