import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { liveSessions, openEventStore, storePaths } from '../src/index.ts'

const ID = '0198a5b0-1c2d-7000-8000-00000000abcd'

it('P10: a session is live exactly while a process holds its lock, whatever notes lie around', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vectra-live-'))
  try {
    expect(liveSessions(dir)).toEqual([])
    await using store = await openEventStore({ dir })
    expect(liveSessions(dir)).toEqual([])
    await store.openSession({ sessionId: ID, source: 'public_ws' })
    expect(liveSessions(dir)).toEqual([{ sessionId: ID, pid: process.pid }])
    writeFileSync(join(storePaths(dir).journal, ID, 'owner.json'), '{"pid":')
    expect(liveSessions(dir)).toEqual([{ sessionId: ID, pid: null }])
    await store.endSession(ID)
    expect(liveSessions(dir)).toEqual([])
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
