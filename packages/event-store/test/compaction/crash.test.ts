import { describe, expect, it } from 'vitest'
import { CUT_VARIANTS, SimFs } from '../sim-fs.ts'
import { ROOT, SimCompaction } from './sim-merge.ts'

const ALL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
const KEPT = ALL.filter((seq) => seq % 2 === 1)

async function operations(games?: readonly string[]): Promise<number> {
  const fs = new SimFs(ROOT)
  const machine = new SimCompaction(fs)
  machine.store()
  const before = fs.operations
  expect(await machine.compact(games)).toBe(true)
  return fs.operations - before
}

/** Compacts until the power fails at operation `at`, boots again, and recovers until the power fails at `again`, and once more. */
async function cutAt(
  at: number,
  variant: (typeof CUT_VARIANTS)[number],
  games?: readonly string[],
  again = Number.POSITIVE_INFINITY,
): Promise<SimCompaction> {
  const fs = new SimFs(ROOT)
  const machine = new SimCompaction(fs)
  machine.store()
  fs.cutAt = fs.operations + at
  await machine.compact(games)
  let booted = new SimCompaction(fs.afterCut(variant), machine.catalog)
  // Before any recovery a reader of ours gets the one or the other, whole.
  expect([ALL, games === undefined ? ALL : KEPT]).toContainEqual(booted.listed())
  booted.fs.cutAt = again
  try {
    booted.recover()
  } catch {
    booted = new SimCompaction(booted.fs.afterCut(variant), machine.catalog)
    booted.recover()
  }
  return booted
}

describe('compaction cut off at every operation', { timeout: 60_000 }, () => {
  it('P4 P5 P6: no row is lost or doubled, for the catalog or for a glob, and a second recovery changes nothing', async () => {
    const count = await operations()
    expect(count).toBeGreaterThan(20)
    for (let at = 1; at <= count; at++) {
      for (const variant of CUT_VARIANTS) {
        const context = `operation ${at}, ${JSON.stringify(variant)}`
        const machine = await cutAt(at, variant)
        expect(machine.listed(), context).toEqual(ALL)
        expect(machine.globbed(), context).toEqual(ALL)
        const image = machine.fs.image()
        expect(machine.recover(), context).toMatchObject({
          adopted: 0,
          undone: 0,
          removed: 0,
          waiting: 0,
          published: 0,
          failures: [],
        })
        expect(machine.fs.image(), context).toEqual(image)
        // Whatever it was, the next run ends in one file.
        expect(await machine.compact(), context).toBe(true)
        expect(machine.catalog.liveFiles(ROOT).length, context).toBe(1)
        expect(machine.globbed(), context).toEqual(ALL)
      }
    }
  })

  it('P4: the power may fail again during the recovery', async () => {
    const count = await operations()
    for (let at = 1; at <= count; at += 2) {
      for (const variant of CUT_VARIANTS) {
        for (let again = 1; again <= 10; again += 2) {
          const machine = await cutAt(at, variant, undefined, again)
          expect([machine.listed(), machine.globbed()], `operation ${at}, then ${again}, ${JSON.stringify(variant)}`).toEqual([
            ALL,
            ALL,
          ])
        }
      }
    }
  })

  it('P6: retention removes what was asked to go or nothing, and keeps the rest', async () => {
    const games = ['game-0']
    const count = await operations(games)
    for (let at = 1; at <= count; at++) {
      for (const variant of CUT_VARIANTS) {
        const machine = await cutAt(at, variant, games)
        const rows = machine.listed()
        expect([ALL, KEPT], `operation ${at}`).toContainEqual(rows)
        expect(machine.globbed(), `operation ${at}`).toEqual(rows)
        expect(machine.recover()).toMatchObject({ undone: 0, removed: 0, failures: [] })
      }
    }
  })

  it.each(['ENOSPC', 'EIO'] as const)('P8: %s at any operation changes no answer', async (code) => {
    const count = await operations()
    for (let at = 1; at <= count; at++) {
      const fs = new SimFs(ROOT)
      const machine = new SimCompaction(fs)
      machine.store()
      fs.fault = { at: fs.operations + at, code }
      await machine.compact().catch(() => undefined)
      expect(machine.listed(), `operation ${at}`).toEqual(ALL)
      fs.fault = undefined
      machine.recover()
      expect([machine.listed(), machine.globbed()], `operation ${at}`).toEqual([ALL, ALL])
    }
  })

  it('the checks see a sync that is left out', async () => {
    const skipped = async (operation: string, name: RegExp): Promise<boolean> => {
      const count = await operations()
      for (let at = 1; at <= count; at++) {
        for (const variant of CUT_VARIANTS) {
          const fs = new SimFs(ROOT)
          const machine = new SimCompaction(fs)
          machine.store()
          fs.broken = (what, target) => what === operation && name.test(target)
          fs.cutAt = fs.operations + at
          await machine.compact()
          const booted = new SimCompaction(fs.afterCut(variant), machine.catalog)
          try {
            booted.recover()
            expect([booted.listed(), booted.globbed()]).toEqual([ALL, ALL])
          } catch {
            return true
          }
        }
      }
      return false
    }
    expect(await skipped('fsyncFile', /part-merged/)).toBe(true)
    expect(await skipped('fsyncDir', /date=/)).toBe(true)
  })
})
