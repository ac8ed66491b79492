import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { storePaths } from '@vectra/event-store'

/** Sessions that a process which still lives is writing, by the owner notes in the journal. For display only: the store's lock decides. */
export function liveSessions(dataDir: string): readonly string[] {
  const { journal } = storePaths(dataDir)
  if (!existsSync(journal)) return []
  return readdirSync(journal, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isAlive(ownerOf(join(journal, entry.name))))
    .map((entry) => entry.name)
    .sort()
}

function ownerOf(directory: string): number | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(directory, 'owner.json'), 'utf8'))
    return typeof owner === 'object' && owner !== null && 'pid' in owner && typeof owner.pid === 'number' ? owner.pid : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
