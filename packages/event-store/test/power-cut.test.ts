import { describe, expect, it } from 'vitest'
import { CUT_VARIANTS, type CutVariant, SimFs, type SimOperation } from './sim-fs.ts'
import { ROOT, record, SimMachine, violations } from './sim-store.ts'

const BATCHES = [3, 1, 4, 2, 5, 1]
const LIMITS = { maxEvents: 4, maxBytes: 1 << 20 }

type Broken = (operation: SimOperation, target: string) => boolean

/** One recording, cut at an operation; then a boot that may be cut as well; then a boot that is not. */
async function life(
  cutAt: number,
  variant: CutVariant,
  recoveryCutAt?: number,
  broken?: Broken,
): Promise<{ problems: string[]; cut: boolean; recoveryCut: boolean }> {
  const first = new SimMachine(new SimFs(ROOT))
  first.fs.broken = broken
  first.fs.cutAt = cutAt
  const { acked, cut } = await record(first, BATCHES, LIMITS)
  let machine = new SimMachine(first.fs.afterCut(variant), first.catalog)
  machine.fs.broken = broken
  let recoveryCut = false
  if (recoveryCutAt !== undefined) {
    machine.fs.cutAt = recoveryCutAt
    recoveryCut = await machine.recover().then(
      (report) => report.failures.length > 0 || machine.fs.operations >= recoveryCutAt,
      () => true,
    )
    machine = new SimMachine(machine.fs.afterCut(variant), machine.catalog)
    machine.fs.broken = broken
  }
  await machine.recover()
  const problems = violations(machine, acked)
  if (broken === undefined) {
    const before = JSON.stringify([...machine.fs.image()])
    const again = new SimMachine(machine.fs.afterCut({ content: 'kept', entries: 'kept' }), machine.catalog)
    const report = await again.recover()
    if (JSON.stringify([...again.fs.image()]) !== before || report.segments + report.removedTemporary + report.adoptedFiles > 0) {
      problems.push('P4: a second recovery changed something')
    }
    // The session goes on where it ended.
    const { acked: resumed } = await record(again, [2, 3], LIMITS)
    problems.push(...violations(again, resumed))
  }
  return { problems, cut, recoveryCut }
}

describe('power cut', () => {
  it('P1 P2 P3 P4: holds at every operation, whatever of the unsynced survives', async () => {
    let cuts = 0
    for (const variant of CUT_VARIANTS) {
      for (let cutAt = 1; ; cutAt++) {
        const { problems, cut } = await life(cutAt, variant)
        expect(problems, `cut at operation ${cutAt}, ${variant.content} content, ${variant.entries} entries`).toEqual([])
        if (!cut) break
        cuts++
      }
    }
    expect(cuts).toBeGreaterThan(500)
  })

  it('P4: holds when the power fails again at every operation of the recovery', async () => {
    let recoveries = 0
    for (const [index, variant] of CUT_VARIANTS.entries()) {
      for (let cutAt = 1 + (index % 4); ; cutAt += 4) {
        let cutSomewhere = true
        for (let recoveryCutAt = 1; ; recoveryCutAt++) {
          const { problems, cut, recoveryCut } = await life(cutAt, variant, recoveryCutAt)
          expect(problems, `cut at ${cutAt} and in recovery at ${recoveryCutAt}, ${variant.content}/${variant.entries}`).toEqual(
            [],
          )
          cutSomewhere = cut
          if (!recoveryCut) break
          recoveries++
        }
        if (!cutSomewhere) break
      }
    }
    expect(recoveries).toBeGreaterThan(500)
  })
})

/** Each sync of the write path, switched off. If no life goes wrong without it, the tests above prove nothing about it. */
const MUTATIONS: readonly [string, Broken][] = [
  ['journal line: fdatasync', (operation, target) => operation === 'fdatasync' && /\d{8}\.ndjson$/.test(target)],
  ['new segment: directory sync', (operation, target) => operation === 'fsyncDir' && /journal\/[0-9a-f-]{36}$/.test(target)],
  ['new session: directory sync', (operation, target) => operation === 'fsyncDir' && target.endsWith('/journal')],
  ['data directory: directory sync', (operation, target) => operation === 'fsyncDir' && target === ROOT],
  ['part: file sync', (operation) => operation === 'fsyncFile'],
  ['part: directory sync', (operation, target) => operation === 'fsyncDir' && /date=[0-9-]+$/.test(target)],
  ['new date: directory sync', (operation, target) => operation === 'fsyncDir' && /doc_type=[a-z_]+$/.test(target)],
  ['new doc type: directory sync', (operation, target) => operation === 'fsyncDir' && target.endsWith('/events_parquet')],
  ['repaired segment: fdatasync', (operation, target) => operation === 'fdatasync' && /\.ndjson\.tmp-0$/.test(target)],
]

describe('mutation check: without this sync a life goes wrong', () => {
  it.each(MUTATIONS)('%s', async (_name, broken) => {
    for (const variant of CUT_VARIANTS) {
      for (let cutAt = 1; ; cutAt++) {
        const { problems, cut } = await life(cutAt, variant, undefined, broken)
        if (problems.length > 0) return
        for (let recoveryCutAt = 1; recoveryCutAt < 40; recoveryCutAt += 1) {
          const second = await life(cutAt, variant, recoveryCutAt, broken)
          if (second.problems.length > 0) return
          if (!second.recoveryCut) break
        }
        if (!cut) break
      }
    }
    expect.unreachable('no life went wrong')
  })
})
