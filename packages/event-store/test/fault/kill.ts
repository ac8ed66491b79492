import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect } from 'vitest'
import { listFiles, recoverStore, verifyStore } from '../../src/index.ts'
import { sessionId, tickEvent } from '../sample-events.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

interface Victim {
  readonly process: ChildProcess
  readonly sessionId: string
  /** Highest seq printed; the pipe holds it even when the victim dies right after. */
  acked(): number
  opened: Promise<void>
  exited: Promise<void>
}

function startVictim(dir: string, id: string, batch: number, inFlight: number): Victim {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@vectra/source',
      '--disable-warning=ExperimentalWarning',
      new URL('./victim.ts', import.meta.url).pathname,
      dir,
      id,
      String(batch),
      String(inFlight),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let text = ''
  let highest = 0
  let onOpen = (): void => {}
  const opened = new Promise<void>((resolve) => {
    onOpen = resolve
  })
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('OPEN')) onOpen()
      if (line.startsWith('ACK ')) highest = Math.max(highest, Number(line.slice(4)))
    }
  })
  // `close` comes after the pipe was read to its end.
  const exited = new Promise<void>((resolve) => {
    child.on('close', () => {
      onOpen()
      resolve()
    })
  })
  return { process: child, sessionId: id, acked: () => highest, opened, exited }
}

/** A generator of its own, so that a red run can be repeated from its seed. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Rows of one session as a reader of the catalog's files sees them. */
async function storedFrames(dir: string, id: string): Promise<Map<number, string>> {
  const files = listFiles(dir).filter((file) => file.sessionId === id && file.docType === 'ws_event')
  if (files.length === 0) return new Map()
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    const reader = await connection.runAndReadAll(
      `SELECT seq, raw_json FROM read_parquet([${files.map((file) => `'${file.absolutePath}'`).join(', ')}]) ORDER BY seq`,
    )
    const rows = new Map<number, string>()
    for (const [seq, raw] of reader.getRows()) {
      expect(rows.has(Number(seq)), `seq ${String(seq)} twice`).toBe(false)
      rows.set(Number(seq), String(raw))
    }
    return rows
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/**
 * Kills recorders with SIGKILL at random moments, one in four during the recovery that follows, every third time two of them
 * on one directory, and compares what they acknowledged with what is stored (P1, P2, P3, P4, P10).
 */
export async function killAtRandom(
  kills: number,
  seed: number,
): Promise<{ kills: number; acked: number; stored: number; slowestRecoveryMs: number }> {
  const random = mulberry32(seed)
  using dir = temporaryDirectory()
  let acked = 0
  let stored = 0
  let slowestRecoveryMs = 0
  let done = 0
  for (let round = 1; done < kills; round++) {
    const context = `round ${round}, seed ${seed}`
    const ids = round % 3 === 0 ? [sessionId(2 * round), sessionId(2 * round + 1)] : [sessionId(2 * round)]
    const victims = ids.map((id) => startVictim(dir.path, id, 1 + Math.floor(random() * 20), 1 + Math.floor(random() * 16)))
    for (const victim of victims) {
      await victim.opened
      await delay(random() * 600)
      victim.process.kill('SIGKILL')
      done++
    }
    await Promise.all(victims.map((victim) => victim.exited))
    if (random() < 0.25) {
      // A recovery is under way in this one as soon as it runs; it dies at some moment of it.
      const recovering = startVictim(dir.path, ids[0] ?? '', 1, 1)
      await Promise.race([recovering.opened, delay(200 + random() * 600)])
      recovering.process.kill('SIGKILL')
      await recovering.exited
      done++
      if (recovering.acked() > 0) {
        const first = victims[0]
        if (first !== undefined) victims[0] = { ...first, acked: () => Math.max(first.acked(), recovering.acked()) }
      }
    }
    const report = await recoverStore({ dir: dir.path })
    slowestRecoveryMs = Math.max(slowestRecoveryMs, report.durationMs)
    expect(report, context).toMatchObject({ live: [], failures: [], missing: [], quarantined: [], missingFiles: [] })
    expect(await recoverStore({ dir: dir.path }), `${context}: a second recovery`).toMatchObject({
      segments: 0,
      adoptedFiles: 0,
      removedTemporary: 0,
    })
    for (const victim of victims) {
      const rows = await storedFrames(dir.path, victim.sessionId)
      expect(rows.size, `${context}: ${victim.acked()} acknowledged`).toBeGreaterThanOrEqual(victim.acked())
      let expected = 1
      for (const [seq, raw] of rows) {
        expect(seq, `${context}: a hole`).toBe(expected++)
        if (raw !== tickEvent(seq).raw_json) expect(raw, context).toBe(tickEvent(seq).raw_json)
      }
      acked += victim.acked()
      stored += rows.size
    }
  }
  expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  return { kills: done, acked, stored, slowestRecoveryMs }
}
