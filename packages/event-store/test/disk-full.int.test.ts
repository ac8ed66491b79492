import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { EventEnvelope } from '@vectra/schemas'
import { describe, expect, it } from 'vitest'
import { type EventStoreError, openCatalog, openEventStore, type StoreFault, verifyStore } from '../src/index.ts'
import { sessionId, tickEvent } from './sample-events.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** A tick that needs room of its own: small ones fit into the last page of a file. */
function wideTick(seq: number): EventEnvelope {
  return tickEvent(seq, { raw_json: JSON.stringify(['gameStateUpdate', { filler: `${seq}`.repeat(20_000) }]) })
}

/** A file system of 6 MB, or null where mounting is not allowed. */
function smallDisk(at: string): Disposable | null {
  mkdirSync(at)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', at], { stdio: 'ignore' })
    return { [Symbol.dispose]: () => execFileSync('umount', ['-l', at]) }
  } catch {
    return null
  }
}

describe('a disk that is full (P8)', () => {
  it('refuses with a typed reason, keeps what was acknowledged, goes on by itself, and a gap row says what was missed', async (context) => {
    using dir = temporaryDirectory()
    const disk = path.join(dir.path, 'disk')
    const mounted = smallDisk(disk)
    if (mounted === null) {
      process.stderr.write('SKIPPED: mounting a small tmpfs is not allowed here; the simulated disk covers ENOSPC\n')
      context.skip()
      return
    }
    using _disk = mounted
    const faults: StoreFault['kind'][] = []
    const data = path.join(disk, 'data')
    const store = await openEventStore({
      dir: data,
      encoder: 'parquetjs',
      flush: { maxEvents: 1_000_000, intervalMs: 3_600_000 },
      // The segment that the full disk ended becomes parts in the background, which may fail as well until there is room.
      onFault: ({ kind }) => kind !== 'encode' && faults.push(kind),
    })
    await store.openSession({ sessionId: sessionId(), source: 'public_ws' })
    const ballast = path.join(disk, 'ballast')
    writeFileSync(ballast, Buffer.alloc(4 << 20))
    let seq = 1
    let refusal: EventStoreError | undefined
    const refused: number[] = []
    for (; seq < 2_000 && refused.length < 3; seq++) {
      try {
        await store.append([wideTick(seq)])
      } catch (error) {
        refusal = error as EventStoreError
        refused.push(seq)
      }
    }
    expect(refusal).toMatchObject({ code: 'STORE_DISK_FULL' })
    expect(faults).toEqual(['append'])
    rmSync(ballast)
    // The caller goes on with what it receives now; the refused events are gone, and the store says so.
    await store.append([wideTick(seq)])
    await store.append([wideTick(seq + 1)])
    expect(faults).toEqual(['append', 'resumed'])
    await store.close()
    using catalog = openCatalog(data)
    expect(catalog.gaps()).toMatchObject([
      {
        seq: refused[0],
        detail: { cause: 'disk_full', from_seq: refused[0], to_seq: refused.at(-1), est_missing: 3, declared_by: 'event-store' },
      },
    ])
    expect(catalog.sessions()).toMatchObject([{ seqFirst: 1, seqLast: seq + 1 }])
    expect((await verifyStore({ dir: data, reader: 'parquetjs' })).findings).toEqual([])
  })

  it('a batch that is appended again after a refusal leaves no gap', async (context) => {
    using dir = temporaryDirectory()
    const disk = path.join(dir.path, 'disk')
    const mounted = smallDisk(disk)
    if (mounted === null) {
      context.skip()
      return
    }
    using _disk = mounted
    const data = path.join(disk, 'data')
    const store = await openEventStore({ dir: data, encoder: 'parquetjs' })
    await store.openSession({ sessionId: sessionId(), source: 'public_ws' })
    await store.append([tickEvent(1)])
    const ballast = path.join(disk, 'ballast')
    try {
      writeFileSync(ballast, Buffer.alloc(16 << 20))
    } catch {
      // As much as there was room for.
    }
    const results = await Promise.allSettled([2, 3, 4].map((seq) => store.append([wideTick(seq)])))
    expect(
      results.map((result) => (result.status === 'rejected' ? (result.reason as EventStoreError).code : 'stored')),
    ).toContain('STORE_DISK_FULL')
    const next = results.findIndex((result) => result.status === 'rejected') + 2
    rmSync(ballast)
    for (let seq = next; seq <= 5; seq++) await store.append([wideTick(seq)])
    await store.close()
    using catalog = openCatalog(data)
    expect(catalog.gaps()).toEqual([])
    expect(catalog.sessions()).toMatchObject([{ rows: 5, seqLast: 5 }])
    expect((await verifyStore({ dir: data, reader: 'parquetjs' })).findings).toEqual([])
  })
})
