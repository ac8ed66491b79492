import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { compactStore, openQuery, verifyStore } from '../../src/index.ts'
import { sessionId } from '../sample-events.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

/** One process of {@link workTogether}. */
interface Worker {
  stop(): Promise<Record<string, number>>
}

function start(role: string, dir: string, ackFile: string): Worker {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@vectra/source',
      '--disable-warning=ExperimentalWarning',
      path.join(import.meta.dirname, 'process.ts'),
      role,
      dir,
      sessionId(),
      ackFile,
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  )
  const output = text(child.stdout)
  const complaints = text(child.stderr)
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    async stop() {
      child.stdin.on('error', () => undefined).end()
      const code = await exited
      expect({ role, code, complaints: await complaints }).toEqual({ role, code: 0, complaints: '' })
      return JSON.parse(await output) as Record<string, number>
    },
  }
}

/**
 * A recorder, others that come and go, plain readers, fresh readers, an indexer-like reader, two compactors and a verifier, each a process
 * of its own, on one directory for some time: every count, sum and order is right at any moment, what was acknowledged is in every fresh answer, and nothing fails (P5, P10).
 */
export async function workTogether(forMs: number): Promise<Record<string, Record<string, number>>> {
  using dir = temporaryDirectory()
  using aside = temporaryDirectory()
  const ackFile = path.join(aside.path, 'acked')
  writeFileSync(ackFile, '0')
  const roles = ['recorder', 'reader', 'fresh-reader', 'fresh-reader', 'indexer', 'compactor', 'compactor', 'comer', 'verifier']
  const workers = roles.map((role) => start(role, dir.path, ackFile))
  await delay(forMs)
  const [recorder, ...others] = workers
  const ends = await Promise.all(others.map((worker) => worker.stop()))
  const recorded = await recorder?.stop()
  const rows = recorded?.['seq'] ?? 0
  await compactStore({ dir: dir.path })
  await using query = await openQuery({ dir: dir.path })
  expect(
    (
      await query.sql('SELECT count(*)::INTEGER, sum(seq)::BIGINT FROM ws_event WHERE session_id = $1', {
        params: [sessionId()],
      })
    ).rows,
  ).toEqual([[rows, BigInt((rows * (rows + 1)) / 2)]])
  expect((await verifyStore({ dir: dir.path, receipts: true })).findings).toEqual([])
  return Object.fromEntries([
    ['recorder', recorded ?? {}],
    ...ends.map((end, index) => [`${roles[index + 1]} ${index + 1}`, end] as const),
  ])
}
