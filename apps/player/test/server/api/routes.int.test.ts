import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openEventStore } from '@vectra/event-store'
import { expect, it } from 'vitest'
import { startPlayer } from '../../../src/index.ts'

it('a data directory that another program holds locked is said to be, and answers again when it is free', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vectra-player-'))
  try {
    await (await openEventStore({ dir })).close()
    await using player = await startPlayer({ mode: 'serve', dataDir: dir })
    const ask = async (path: string): Promise<{ status: number; answer: unknown }> => {
      const response = await fetch(`${player.origin}/api${path}`, { headers: { Authorization: `Bearer ${player.token}` } })
      return { status: response.status, answer: await response.json() }
    }
    const other = new DatabaseSync(join(dir, 'catalog.sqlite'))
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    expect(await ask('/data/partitions')).toEqual({
      status: 503,
      answer: {
        error: {
          code: 'PLAYER_STORE_LOCKED',
          message: 'another program holds the data directory locked',
          next: expect.stringContaining('try again'),
        },
      },
    })
    other.close()
    expect(await ask('/data/partitions')).toEqual({ status: 200, answer: { partitions: [] } })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

it('what the gateway does not have is said with the next step, in the one form of all errors', async () => {
  await using player = await startPlayer({ mode: 'serve' })
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(`${player.origin}/api${path}`, { headers: { Authorization: `Bearer ${player.token}` } })).json()
  const next = expect.stringMatching(/\w/)
  expect(await ask('/nonsense')).toMatchObject({ error: { code: 'PLAYER_NO_ROUTE', next } })
  expect(await ask('/data/status')).toMatchObject({
    error: { code: 'PLAYER_NO_DATA', next: expect.stringContaining('--data-dir') },
  })
})

it('a question that nobody waits for any more is ended', async () => {
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string>()
  await using player = await startPlayer({
    mode: 'serve',
    ports: {
      search: (_question, signal) => {
        begun.resolve()
        signal.addEventListener('abort', () => ended.resolve('ended'))
        return new Promise(() => undefined)
      },
    },
  })
  const leaving = new AbortController()
  const asking = fetch(`${player.origin}/api/data/search`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${player.token}` },
    body: JSON.stringify({ text: 'anything', tables: ['events'] }),
    signal: leaving.signal,
  })
  await begun.promise
  leaving.abort()
  await expect(asking).rejects.toThrow()
  expect(await ended.promise).toBe('ended')
})
