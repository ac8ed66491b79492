import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of the test's own, removed when it ends. */
export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'vectra-vectors-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
