import { describe, expect, test } from 'vitest'
import { compactStore, listFiles, openEventStore, openQuery, rebuildCatalog } from '../../src/index.ts'
import { sessionId, tickEvent } from '../sample-events.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

/** Ids that sort next to each other, ids that need escapes or more than one byte, one too long to be told at a glance, and none. */
const GAMES = [
  '20251212-0a',
  '20251212-ff',
  '20251213-00',
  'Z',
  'a',
  'quo"te',
  'back\\slash',
  '\u{1f3b2}',
  '\uffee',
  'x'.repeat(90),
  null,
]

async function read(dir: string, gameId?: string): Promise<number[]> {
  await using query = await openQuery({ dir })
  const seqs: number[] = []
  for await (const event of query.events({ docTypes: ['ws_event'], ...(gameId === undefined ? {} : { gameId }) }))
    seqs.push(event.seq)
  return seqs.sort((a, b) => a - b)
}

describe('files are left out by the games they hold', () => {
  test('P5: of every game exactly its rows are found, in small parts, merged ones and after a rebuild of the catalog', async () => {
    using dir = temporaryDirectory()
    const gameOf = (seq: number): string | null => GAMES[Math.floor((seq - 1) / 7) % GAMES.length] ?? null
    const store = await openEventStore({ dir: dir.path, flush: { maxEvents: 10 } })
    await store.openSession({ sessionId: sessionId(), source: 'replay' })
    const all = Array.from({ length: 154 }, (_, index) => index + 1)
    for (const seq of all) await store.append([tickEvent(seq, { _game_id: gameOf(seq) })])
    await store.endSession(sessionId())
    await store.close()

    const holds = async (): Promise<void> => {
      expect(await read(dir.path)).toEqual(all)
      for (const game of GAMES) {
        if (game !== null) expect(await read(dir.path, game), game).toEqual(all.filter((seq) => gameOf(seq) === game))
      }
      expect(await read(dir.path, 'nowhere')).toEqual([])
    }
    const known = (): unknown[] => listFiles(dir.path).map(({ path, games }) => [path, games])
    await holds()
    const spans = listFiles(dir.path).map(({ games }) => games)
    expect(spans).toContainEqual({ first: '20251212-0a', last: '20251212-ff' })
    expect(spans).toContain(undefined)

    const small = known()
    await rebuildCatalog({ dir: dir.path })
    expect(known()).toEqual(small)
    await compactStore({ dir: dir.path, date: '2025-12-12' })
    await holds()
    const merged = known()
    expect(merged.length).toBeLessThan(small.length)
    await rebuildCatalog({ dir: dir.path })
    expect(known()).toEqual(merged)
    await holds()
  })

  test('P5: a part of no game is not read for one', async () => {
    using dir = temporaryDirectory()
    const store = await openEventStore({ dir: dir.path, flush: { maxEvents: 5 } })
    await store.openSession({ sessionId: sessionId(), source: 'replay' })
    for (let seq = 1; seq <= 10; seq++) await store.append([tickEvent(seq, { _game_id: seq <= 5 ? null : 'a' })])
    await store.close()
    const games = listFiles(dir.path)
      .filter(({ docType }) => docType === 'ws_event')
      .map((file) => file.games)
    expect(games).toEqual([null, { first: 'a', last: 'a' }])
    expect(await read(dir.path, 'a')).toEqual([6, 7, 8, 9, 10])
  })
})
