import { describe, expect, it } from 'vitest'
import { segmentPath } from '../src/materialize.ts'
import { recover } from '../src/recovery.ts'
import { isClean, scanSegment } from '../src/segment.ts'
import { sessionId } from './sample-events.ts'
import { SimFs } from './sim-fs.ts'
import { chunk, ROOT, SimMachine, storedRows, violations } from './sim-store.ts'

/** A machine whose session left segments behind: rows per segment, sealed all but the last. */
async function crashed(...segments: number[]): Promise<SimMachine> {
  const machine = new SimMachine(new SimFs(ROOT))
  machine.deps.directories.ensure(machine.deps.paths.events)
  const server = machine.journal({ maxEvents: 1_000_000, maxBytes: 1 << 30 })
  server.handle([
    {
      kind: 'open',
      session: 1,
      sessionId: sessionId(),
      info: { source: 'public_ws', origin: null, meta: { why: 'test' } },
      segment: 1,
      nextSeq: 1,
    },
  ])
  let next = 1
  for (const [index, rows] of segments.entries()) {
    if (index > 0) server.handle([{ kind: 'seal', id: 0, session: 1 }])
    server.handle([{ kind: 'append', id: 1, session: 1, ...chunk(next, next + rows - 1) }])
    next += rows
  }
  return machine
}

function rewrite(machine: SimMachine, segment: number, change: (bytes: Buffer) => Buffer): void {
  const file = segmentPath(machine.deps.paths, sessionId(), segment)
  const bytes = change(Buffer.from(machine.fs.read(file)))
  machine.fs.unlink(file)
  const fd = machine.fs.open(file, 'create')
  machine.fs.write(fd, [bytes])
  machine.fs.close(fd)
}

function lines(bytes: Buffer): string[] {
  return bytes.toString('utf8').split('\n').slice(0, -1)
}

const join = (parts: readonly string[]): Buffer => Buffer.from(parts.map((line) => `${line}\n`).join(''))

/** Seqs with a `~` where a gap row stands for them. */
function summary(machine: SimMachine): string[] {
  return [...storedRows(machine).values()]
    .sort((a, b) => a.seq - b.seq)
    .map((row) => {
      if (row.event_name !== 'gap') return String(row.seq)
      const detail = JSON.parse(String(row.raw_json)) as { from_seq: number; to_seq: number }
      return `~${detail.from_seq}-${detail.to_seq}`
    })
}

describe('recovery of a damaged journal', () => {
  it('P4: cuts a torn tail, at every byte of it', async () => {
    const whole = await crashed(3)
    const file = segmentPath(whole.deps.paths, sessionId(), 1)
    const bytes = Buffer.from(whole.fs.read(file))
    const ends = [...bytes.entries()].flatMap(([at, byte]) => (byte === 10 ? [at + 1] : []))
    for (let length = 0; length < bytes.length; length += length < 600 || bytes.length - length < 600 ? 1 : 7) {
      const machine = await crashed(3)
      rewrite(machine, 1, (content) => content.subarray(0, length))
      const report = await machine.recover()
      const rows = Math.max(0, ends.filter((end) => end <= length).length - 1)
      expect(violations(machine, rows), `cut at ${length}`).toEqual([])
      expect(storedRows(machine).size).toBe(rows)
      expect(report.quarantined, `a torn tail is no damage (${length})`).toEqual([])
    }
  })

  it('P1: with the catalog lost, a damaged header declares nothing missing that stands in parts', async () => {
    const before = await crashed(3, 2)
    await before.materialize({ sessionId: sessionId(), segment: 1, bytes: 0, rows: 3, limit: 4 })
    const machine = new SimMachine(before.fs)
    rewrite(machine, 2, (bytes) => join(lines(bytes).with(0, 'garbage')))
    const report = await recover(machine.deps, { take: () => ({ release: () => {} }) }, { catalogRebuilt: true })
    expect(report).toMatchObject({ segments: 1, rows: 2, missing: [], failures: [] })
    expect(summary(machine)).toEqual(['1', '2', '3', '4', '5'])
    expect(violations(machine, 5)).toEqual([])
  })

  it('P2: a damaged line becomes a declared gap, the rest is saved, the original is kept', async () => {
    const machine = await crashed(5)
    rewrite(machine, 1, (content) => {
      const all = lines(content)
      all[3] = String(all[3]).replace('"tickCount', '"tickCoumt')
      return join(all)
    })
    const damaged = Buffer.from(machine.fs.read(segmentPath(machine.deps.paths, sessionId(), 1)))
    const report = await machine.recover()
    expect(summary(machine)).toEqual(['1', '2', '~3-3', '4', '5'])
    expect(report.missing).toEqual([{ sessionId: sessionId(), from: 3, to: 3 }])
    expect(report.quarantined).toEqual(['00000001-00000001.ndjson'])
    expect(Buffer.from(machine.fs.read(`${ROOT}/quarantine/00000001-00000001.ndjson`)).equals(damaged)).toBe(true)
    expect(
      JSON.parse(Buffer.from(machine.fs.read(`${ROOT}/quarantine/00000001-00000001.ndjson.reason.json`)).toString()),
    ).toMatchObject({
      path: `journal/${sessionId()}/00000001.ndjson`,
      reasons: [expect.stringContaining('damaged'), 'seqs missing: 3-3'],
    })
    expect(machine.catalog.gaps).toMatchObject([{ seq: 3 }])
  })

  it.each([
    ['the header', (all: string[]) => all.with(0, 'garbage'), ['1', '2', '3', '4', '5', '6']],
    ['the footer', (all: string[]) => all.with(-1, 'garbage'), ['1', '2', '3', '4', '5', '6']],
    ['the first row', (all: string[]) => all.with(1, 'garbage'), ['~1-1', '2', '3', '4', '5', '6']],
    ['the last row', (all: string[]) => all.with(4, '"'), ['1', '2', '3', '~4-4', '5', '6']],
    ['rows cut off at a line', (all: string[]) => all.slice(0, 3), ['1', '2', '~3-4', '5', '6']],
    ['a row taken out', (all: string[]) => all.toSpliced(2, 1), ['1', '~2-2', '3', '4', '5', '6']],
    ['everything but the header', (all: string[]) => all.slice(0, 1), ['~1-4', '5', '6']],
    ['a row doubled', (all: string[]) => all.toSpliced(2, 0, String(all[2])), ['1', '2', '3', '4', '5', '6']],
    ['bytes after the footer', (all: string[]) => [...all, 'more'], ['1', '2', '3', '4', '5', '6']],
  ])('P2 P7: notices %s of a sealed segment', async (_name, change, expected) => {
    const machine = await crashed(4, 2)
    rewrite(machine, 1, (content) => join(change(lines(content))))
    const report = await machine.recover()
    expect(summary(machine)).toEqual(expected)
    expect(report.failures).toEqual([])
    if (_name !== 'the footer') expect(report.quarantined.length).toBeGreaterThan(0)
  })

  it('P4: sets files aside that are none of ours, and goes on', async () => {
    const machine = await crashed(2)
    const fd = machine.fs.open(`${ROOT}/journal/${sessionId()}/notes.txt`, 'create')
    machine.fs.write(fd, [Buffer.from('hello')])
    const foreign = await crashed(3)
    const stolen = Buffer.from(
      foreign.fs
        .read(segmentPath(foreign.deps.paths, sessionId(), 1))
        .toString()
        .replace('"segment":1', '"segment":9'),
    )
    const other = machine.fs.open(`${ROOT}/journal/${sessionId()}/00000007.ndjson`, 'create')
    machine.fs.write(other, [stolen])
    const report = await machine.recover()
    expect(violations(machine, 2)).toEqual([])
    expect(report.quarantined).toContain('00000001-notes.txt')
    expect(report.quarantined).toContain('00000001-00000007.ndjson')
  })

  it('P4: a segment that cannot be encoded stays, is reported, and is made at the next recovery', async () => {
    const machine = await crashed(2, 3)
    const { encode } = machine.deps.encoder
    let calls = 0
    machine.deps.encoder.encode = async (source, parts) => {
      if (++calls === 1) throw new Error('no encoder today')
      return encode(source, parts)
    }
    const report = await machine.recover()
    expect(report.failures).toMatchObject([{ segment: 1, message: 'no encoder today' }])
    expect(storedRows(machine).size).toBe(3)
    machine.deps.encoder.encode = encode
    expect((await machine.recover()).failures).toEqual([])
    expect(violations(machine, 5)).toEqual([])
  })

  it('P4: a lost catalog is filled again from the parts, and only from whole segments', async () => {
    const machine = await crashed(2, 3)
    await machine.recover()
    const before = machine.catalog.files.map((file) => ({ ...file }))
    machine.catalog.committed.clear()
    const report = await machine.recover()
    expect(report.adoptedFiles).toBe(before.length)
    expect(machine.catalog.files).toEqual(before)
    expect([...machine.catalog.committed.values()][0]?.session).toMatchObject({
      sessionId: sessionId(),
      source: 'public_ws',
      meta: { why: 'test' },
    })
    expect(violations(machine, 5)).toEqual([])
  })

  it.each([
    ['merged before it is read', '.parquet', 'read', 1],
    ['set aside by a recovery beside this one', '.parquet', 'read', 2],
    ['removed by a recovery beside this one', '.parquet', 'unlink', 1],
    ['a temporary file and removed', '.parquet.tmp-0', 'unlink', 1],
  ] as const)('P4 P10: a part that was %s stops nothing', async (_name, suffix, call, nth) => {
    const machine = await crashed(2, 3)
    await machine.recover()
    const [part] = machine.catalog.files
    const file = `${ROOT}/${part?.path.replace(/00000001.parquet$/, `00000009${suffix}`)}`
    const { fs } = machine
    fs.close(fs.open(file, 'create'))
    const unlink = fs.unlink.bind(fs)
    const original = fs[call].bind(fs)
    let calls = 0
    fs[call] = (at: string): never => {
      if (at === file && ++calls === nth) unlink(file)
      return original(at) as never
    }
    const report = await machine.recover()
    expect(calls).toBe(nth)
    expect(report).toMatchObject({ quarantined: [], removedTemporary: 0, failures: [] })
    expect(fs.stat(file)).toBeUndefined()
  })

  it('scan and seal agree: a whole segment is clean, and any changed byte is seen', async () => {
    const machine = await crashed(3, 1)
    const bytes = Buffer.from(machine.fs.read(segmentPath(machine.deps.paths, sessionId(), 1)))
    expect(isClean(scanSegment(bytes))).toBe(true)
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [1, 0x20, 0x80]) {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ mask
        expect(isClean(scanSegment(changed)), `byte ${at} ^ ${mask}`).toBe(false)
      }
    }
  })
})
