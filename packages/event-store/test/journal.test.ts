import { describe, expect, it } from 'vitest'
import { type JournalReply, type JournalRequest, JournalServer } from '../src/journal-server.ts'
import { storePaths } from '../src/paths.ts'
import { scanSegment } from '../src/segment.ts'
import { sessionId } from './sample-events.ts'
import { type SimFault, SimFs } from './sim-fs.ts'
import { chunk, ROOT, SimMachine, violations } from './sim-store.ts'

const LIMITS = { maxEvents: 100, maxBytes: 1 << 20 }

function open(session = 1, id = sessionId(), nextSeq = 1): JournalRequest {
  return { kind: 'open', session, sessionId: id, info: { source: 'public_ws', origin: null, meta: null }, segment: 1, nextSeq }
}

function append(id: number, from: number, to: number, session = 1): JournalRequest {
  return { kind: 'append', id, session, ...chunk(from, to) }
}

function syncs(fs: SimFs): number {
  return fs.log.filter((line) => line.startsWith('fdatasync')).length
}

describe('group commit', () => {
  it('P1: everything that waits goes into one write and one sync', () => {
    const fs = new SimFs(ROOT)
    const server = new JournalServer({ fs, paths: storePaths(ROOT), limits: LIMITS, behind: () => false })
    server.handle([open(), append(1, 1, 1)])
    const before = { syncs: syncs(fs), writes: fs.log.filter((line) => line.startsWith('write')).length }
    const reply = server.handle(Array.from({ length: 50 }, (_, index) => append(index + 2, index + 2, index + 2)))
    expect(reply.done).toHaveLength(50)
    expect(syncs(fs) - before.syncs).toBe(1)
    expect(fs.log.filter((line) => line.startsWith('write')).length - before.writes).toBe(1)
  })

  it('P10: two sessions share a call, each with its own file and sync', () => {
    const fs = new SimFs(ROOT)
    const server = new JournalServer({ fs, paths: storePaths(ROOT), limits: LIMITS, behind: () => false })
    const reply = server.handle([open(1), open(2, sessionId(2)), append(1, 1, 2), append(2, 1, 3, 2), append(3, 3, 3)])
    expect([...reply.done].sort()).toEqual([1, 2, 3])
    expect(syncs(fs)).toBe(2)
    const bytes = (session: number): number => fs.read(`${ROOT}/journal/${sessionId(session)}/00000001.ndjson`).length
    expect(new Map(reply.open)).toEqual(
      new Map([
        [1, { rows: 3, bytes: bytes(1) }],
        [2, { rows: 3, bytes: bytes(2) }],
      ]),
    )
  })

  it('seals at maxEvents within the same sync, with a footer that counts', () => {
    const fs = new SimFs(ROOT)
    const server = new JournalServer({
      fs,
      paths: storePaths(ROOT),
      limits: { maxEvents: 5, maxBytes: 1 << 20 },
      behind: () => false,
    })
    const reply = server.handle([open(), append(1, 1, 5), append(2, 6, 6)])
    expect(syncs(fs)).toBe(1)
    expect(reply.sealed).toMatchObject([{ segment: 1, rows: 6, limit: 7 }])
    const scan = scanSegment(fs.read(`${ROOT}/journal/${sessionId()}/00000001.ndjson`))
    expect(scan.footer).toMatchObject({ end: true, count: 6, last_seq: 6 })
    expect(scan.header).toMatchObject({ session: sessionId(), segment: 1, first_seq: 1 })
  })

  it('grows segments to maxBytes while parts lag behind', () => {
    const fs = new SimFs(ROOT)
    let behind = true
    const server = new JournalServer({
      fs,
      paths: storePaths(ROOT),
      limits: { maxEvents: 2, maxBytes: 4_000 },
      behind: () => behind,
    })
    const first = server.handle([open(), append(1, 1, 3)])
    expect(first.sealed).toEqual([])
    const second = server.handle(Array.from({ length: 10 }, (_, index) => append(index, 4 + index, 4 + index)))
    expect(second.sealed.length).toBeGreaterThan(0)
    for (const segment of second.sealed) expect(segment.bytes).toBeGreaterThanOrEqual(4_000)
    behind = false
    expect(server.handle([append(99, 14, 15)]).sealed).toHaveLength(1)
  })

  it('refuses a chunk that does not continue, and takes the right one after it', () => {
    const fs = new SimFs(ROOT)
    const server = new JournalServer({ fs, paths: storePaths(ROOT), limits: LIMITS, behind: () => false })
    const reply = server.handle([open(), append(1, 1, 2), append(2, 4, 4)])
    expect(reply.done).toEqual([1])
    expect(reply.failed).toMatchObject([{ id: 2, error: { code: 'STORE_SEQ_HOLE' } }])
    expect(server.handle([append(3, 3, 4)]).done).toEqual([3])
  })

  it('P10: refuses lines of a session that was closed; the other sessions go on', () => {
    const fs = new SimFs(ROOT)
    const server = new JournalServer({ fs, paths: storePaths(ROOT), limits: LIMITS, behind: () => false })
    server.handle([open(1), open(2, sessionId(2)), append(1, 1, 2)])
    const reply = server.handle([{ kind: 'close', id: 2, session: 1 }, append(3, 3, 4), append(4, 1, 1, 2)])
    expect(reply.done).toEqual([2, 4])
    expect(reply.failed).toMatchObject([{ id: 3, error: { code: 'STORE_SESSION_NOT_OPEN' } }])
  })
})

describe('cost', () => {
  it('making parts of a segment never reads the list of all segments of its session', async () => {
    const machine = new SimMachine(new SimFs(ROOT))
    const server = machine.journal({ maxEvents: 2, maxBytes: 1 << 20 })
    server.handle([open()])
    const segments = machine.catalog.segments.bind(machine.catalog)
    let lists = 0
    machine.catalog.segments = (id) => {
      lists++
      return segments(id)
    }
    for (const from of [1, 3]) {
      for (const segment of server.handle([append(from, from, from + 1)]).sealed) await machine.materialize(segment)
    }
    server.handle([append(5, 5, 6), append(7, 7, 7)])
    expect(await machine.recover()).toMatchObject({ segments: 1, rows: 3, failures: [] })
    expect(lists).toBe(0)
    expect(violations(machine, 7)).toEqual([])
  })
})

/** Appends three batches, again while they are refused, and makes parts; the disk misbehaves in between. */
async function underFault(
  fault: SimFault | undefined,
  prepare?: (fs: SimFs) => void,
): Promise<{ machine: SimMachine; refused: JournalReply['failed']; acked: number; operations: number }> {
  const machine = new SimMachine(new SimFs(ROOT))
  const server = machine.journal({ maxEvents: 4, maxBytes: 1 << 20 })
  machine.fs.fault = fault
  prepare?.(machine.fs)
  const refused: JournalReply['failed'][number][] = []
  const sealed: JournalReply['sealed'][number][] = []
  server.handle([open()])
  let acked = 0
  for (const [from, to] of [
    [1, 3],
    [4, 5],
    [6, 9],
    [10, 11],
  ] as const) {
    for (let attempt = 0; attempt < 8; attempt++) {
      const reply = server.handle([append(from, from, to)])
      sealed.push(...reply.sealed)
      refused.push(...reply.failed)
      if (reply.done.length > 0) {
        acked = to
        break
      }
      machine.fs.capacity = Number.POSITIVE_INFINITY
    }
  }
  sealed.push(...server.handle([{ kind: 'close', id: 99, session: 1 }]).sealed)
  const operations = machine.fs.operations
  machine.fs.fault = undefined
  for (const segment of sealed) await machine.materialize(segment)
  return { machine, refused, acked, operations }
}

describe('a disk that fails', () => {
  it.each(['EIO', 'ENOSPC'] as const)(
    'P8: %s at any operation, once or four times: nothing acknowledged is lost or doubled',
    async (code) => {
      const { operations } = await underFault(undefined)
      let refusals = 0
      for (const times of [1, 4]) {
        for (let at = 1; at <= operations + 2; at++) {
          const { machine, refused, acked } = await underFault({ at, code, times })
          refusals += refused.length
          for (const { error } of refused) expect(error.code).toBe(code === 'EIO' ? 'STORE_IO' : 'STORE_DISK_FULL')
          expect(acked).toBe(11)
          // What could not even be removed is told apart by the next recovery.
          await machine.recover()
          expect(violations(machine, acked), `${code} x${times} at operation ${at}`).toEqual([])
        }
      }
      expect(refusals).toBeGreaterThan(10)
    },
  )

  it.each(['EIO', 'ENOSPC'] as const)(
    'P1: %s at any operation and a power cut right after: all acknowledged events are there',
    async (code) => {
      for (let at = 1; at <= 30; at++) {
        for (const entries of ['lost', 'kept'] as const) {
          for (const content of ['lost', 'kept', 'torn'] as const) {
            const first = new SimMachine(new SimFs(ROOT))
            first.fs.fault = { at, code, only: ['write', 'fdatasync', 'fsyncDir'] }
            const server = first.journal({ maxEvents: 100, maxBytes: 1 << 20 })
            server.handle([open()])
            let acked = 0
            for (const [from, to] of [
              [1, 3],
              [4, 5],
              [6, 9],
            ] as const) {
              for (let attempt = 0; attempt < 3 && acked < to; attempt++)
                if (server.handle([append(from, from, to)]).done.length > 0) acked = to
            }
            const next = new SimMachine(first.fs.afterCut({ content, entries }), first.catalog)
            await next.recover()
            expect(violations(next, acked), `${code} at ${at}, ${content}/${entries}`).toEqual([])
            expect(acked).toBe(9)
          }
        }
      }
    },
  )

  it('P8: a failed sync ends its file for ever: the lines go into a new one', () => {
    const fs = new SimFs(ROOT)
    const server = new JournalServer({ fs, paths: storePaths(ROOT), limits: LIMITS, behind: () => false })
    server.handle([open(), append(1, 1, 2)])
    fs.fault = { at: fs.operations + 2, code: 'EIO', only: ['fdatasync'] }
    const reply = server.handle([append(2, 3, 4)])
    expect(reply.done).toEqual([2])
    expect(reply.sealed).toMatchObject([{ segment: 1, rows: 2, limit: 3 }])
    const files = fs.log.filter((line) => line.startsWith('fdatasync')).map((line) => line.slice(-15))
    expect(files).toEqual(['00000001.ndjson', '00000001.ndjson', '00000002.ndjson'])
  })

  it('P8: a full disk refuses with its reason and takes the same events once there is room', async () => {
    const { machine, refused, acked } = await underFault(undefined, (fs) => {
      fs.capacity = 2_500
    })
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]?.error).toMatchObject({ code: 'STORE_DISK_FULL' })
    expect(violations(machine, acked)).toEqual([])
  })
})
