import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openQuery, verifyStore } from '@vectra/event-store'
import { type ReplayRecord, serveReplay, systemClock } from '@vectra/ingest'
import { sampleFeed } from '@vectra/recorder'
import { expect } from 'vitest'
import { scratch } from './run-cli.ts'

const RECORDER = fileURLToPath(new URL('./fixtures/acked-recorder.ts', import.meta.url))

/** What a killed recorder had been told is durable. */
interface Acked {
  readonly session: string
  readonly hashes: ReadonlyMap<number, string>
}

/**
 * Kills a recorder with SIGKILL at `times` random moments, each time starting the next one on the same directory, and checks
 * after every kill that each acknowledged event is stored exactly once, with its bytes, and that seq has no hole.
 */
export async function killAndCheck(times: number, seed: number, maxRecoveryMs = Number.POSITIVE_INFINITY): Promise<void> {
  using dir = scratch()
  const records = [...sampleFeed({ seed: 'kill', startAt: 1_770_365_059_440_000 })].map(
    ({ at, text }): ReplayRecord => ({ at, text, direction: 'received' }),
  )
  await using server = await serveReplay({ records, clock: systemClock(), speed: 'max', loop: true })
  const chance = generator(seed)
  const killed: Acked[] = []
  for (let run = 0; run < times; run += 1) {
    // From the very first acknowledgement to well into the writing of part files.
    killed.push(await recordUntil(dir.path, server.url, maxRecoveryMs, 1 + Math.floor(chance() ** 2 * 600)))
  }
  const last = await recordUntil(dir.path, server.url, maxRecoveryMs, 1)
  for (const acked of [...killed, last]) expect(acked.hashes.size).toBeGreaterThan(0)
  await recoverByHand(dir.path)
  await using engine = await openQuery({ dir: dir.path, maxRows: 1_000_000 })
  for (const { session, hashes } of killed) {
    const { rows } = await engine.sql(
      'SELECT seq, packet, raw_json FROM events WHERE session_id = $1 AND packet IS NOT NULL ORDER BY seq',
      { params: [session] },
    )
    const seqs = rows.map(([seq]) => Number(seq))
    expect(seqs, `seq of ${session} has no hole and no double`).toEqual(seqs.map((_, index) => index + 1))
    for (const [seq, hash] of hashes) {
      const row = rows[seq - 1]
      expect(row, `acknowledged event ${seq} of ${session} is stored`).toBeDefined()
      expect(
        createHash('sha256')
          .update(`${String(row?.[1])}${String(row?.[2])}`)
          .digest('hex'),
      ).toBe(hash)
    }
  }
  expect(await verifyStore({ dir: dir.path })).toMatchObject({ ok: true, findings: [] })
}

/** One recorder, killed once it has told of `acks` events. Every line it managed to write counts. */
async function recordUntil(dataDir: string, url: string, maxRecoveryMs: number, acks: number): Promise<Acked> {
  const child = spawn(process.execPath, ['--conditions=@vectra/source', RECORDER, dataDir, url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let trouble = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    trouble += text
  })
  const gone = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_code, signal) => resolve(signal)))
  const hashes = new Map<number, string>()
  let session = ''
  for await (const line of createInterface({ input: child.stdout })) {
    const recovered = /^recovered \d+ rows in (\d+) ms$/.exec(line)
    if (recovered !== null) {
      expect(Number(recovered[1]), 'recovery in time').toBeLessThan(maxRecoveryMs)
      continue
    }
    const ack = /^(\S{36}) (\d+) ([0-9a-f]{64})$/.exec(line)
    // The last line may be cut by the kill.
    if (ack === null) continue
    session = ack[1] ?? ''
    hashes.set(Number(ack[2]), ack[3] ?? '')
    if (hashes.size === acks) child.kill('SIGKILL')
  }
  expect(await gone, trouble).toBe('SIGKILL')
  return { session, hashes }
}

/** The last killed recorder has no successor that recovers it. */
async function recoverByHand(dir: string): Promise<void> {
  const { recoverStore } = await import('@vectra/event-store')
  expect((await recoverStore({ dir })).failures).toEqual([])
  const again = await recoverStore({ dir })
  expect({ rows: again.rows, sessions: again.sessions }).toEqual({ rows: 0, sessions: [] })
}

/** Numbers in [0, 1), the same for the same seed: a failure can be run again. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
