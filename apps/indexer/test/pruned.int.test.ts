import { join } from 'node:path'
import { openQuery, pruneStore, systemEnv } from '@vectra/event-store'
import { expect, it, onTestFinished } from 'vitest'
import { openIndexer } from '../src/index.ts'
import { recordSample, temporaryFolder } from './sample.ts'

it('P11: what retention removed from the store leaves the table with the next run, as if it had never been indexed', {
  timeout: 60_000,
}, async () => {
  const dataDir = join(temporaryFolder(), 'data')
  await recordSample(dataDir, 'pruned')
  const indexer = await openIndexer({ dataDir, cacheDir: join(dataDir, '..', 'cache'), model: 'none' })
  onTestFinished(() => indexer.close())
  await indexer.run({ tables: ['events'] })
  const before = await indexer.index.contents('events')
  const games: string[] = []
  {
    await using engine = await openQuery({ dir: dataDir })
    for await (const game of engine.games()) games.push(game.gameId)
  }
  const env = systemEnv()
  const inThreeDays = { ...env, clock: { ...env.clock, now: () => env.clock.now() + 3 * 86_400_000_000 } }
  const pruned = await pruneStore({
    dir: dataDir,
    env: inThreeDays,
    olderThanMs: 0,
    docTypes: ['ws_event'],
    keepGames: games.slice(0, 1),
    yes: true,
  })
  expect(pruned.partitions.length).toBeGreaterThan(0)
  await indexer.run({ tables: ['events'] })
  const after = await indexer.index.contents('events')
  await indexer.rebuild({ tables: ['events'] })
  expect(after).toEqual(await indexer.index.contents('events'))
  expect(after.length).toBeLessThan(before.length)
})
