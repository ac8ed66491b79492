import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { openCatalogWriter } from '../src/data-directory.ts'
import { DurableDirectories } from '../src/durable.ts'
import { openCatalog, recoverStore, storePaths, systemEnv, verifyStore } from '../src/index.ts'
import { keepSessions } from '../src/keep-sessions.ts'
import { storeDay } from './compaction/day.ts'
import { sessionId } from './sample-events.ts'
import { temporaryDirectory } from './temporary-directory.ts'

it('P7: any changed byte of a session’s file is found, and a recovery writes it again', async () => {
  using dir = temporaryDirectory()
  await storeDay(dir.path, 1)
  const file = path.join(storePaths(dir.path).sessions, `${sessionId()}.json`)
  const good = readFileSync(file)
  for (let at = 0; at < good.length; at += 7) {
    const bad = Buffer.from(good)
    bad[at] = (bad[at] ?? 0) ^ 4
    writeFileSync(file, bad)
    const { findings } = await verifyStore({ dir: dir.path })
    expect(findings, `byte ${at}`).toMatchObject([{ kind: 'session_damaged', path: `sessions/${sessionId()}.json` }])
  }
  await recoverStore({ dir: dir.path })
  expect(readFileSync(file).equals(good)).toBe(true)
  expect(await verifyStore({ dir: dir.path })).toMatchObject({ ok: true, seal: 'current' })
})

it('P10: a recovery that saw a session run does not undo its end', async () => {
  using dir = temporaryDirectory()
  await storeDay(dir.path, 1)
  const env = systemEnv()
  const paths = storePaths(dir.path)
  const catalog = openCatalogWriter(env, paths)
  const sessionFiles = catalog.sessionFiles.bind(catalog)
  vi.spyOn(catalog, 'sessionFiles').mockImplementation((sessionId) =>
    // The list was made before it ended.
    sessionId === undefined ? sessionFiles().map((file) => ({ ...file, endedAt: null, summary: null })) : sessionFiles(sessionId),
  )
  const directories = new DurableDirectories(env.fs, paths.root)
  keepSessions({ fs: env.fs, clock: env.clock, paths, directories, catalog }, false)
  catalog.close()
  expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  expect(readdirSync(paths.journal)).toEqual([])
})

it('P4: a lost file is written again, a damaged one never stops a rebuild', async () => {
  using dir = temporaryDirectory()
  await storeDay(dir.path, 1)
  const { sessions, root } = storePaths(dir.path)
  rmSync(sessions, { recursive: true })
  await recoverStore({ dir: dir.path })
  expect(readdirSync(sessions)).toEqual([`${sessionId()}.json`])
  writeFileSync(path.join(sessions, `${sessionId()}.json`), 'nonsense')
  mkdirSync(path.join(sessions, 'other'))
  for (const name of readdirSync(root)) if (name.startsWith('catalog.')) rmSync(path.join(root, name))
  expect(await recoverStore({ dir: dir.path })).toMatchObject({ catalogRebuilt: true, failures: [] })
  using catalog = openCatalog(dir.path)
  // What only the damaged file knew is gone; the rest is there.
  expect(catalog.sessions()).toMatchObject([{ sessionId: sessionId(), endedAt: null, rows: 12 }])
  expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
})
