import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { probeDisk, systemEnv } from '../src/index.ts'

it('measures syncs and leaves nothing behind, also when the disk refuses', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vectra-probe-'))
  try {
    const probe = probeDisk(dir, { syncs: 20 })
    expect(probe).toMatchObject({ syncs: 20 })
    expect(probe.p99Ms).toBeGreaterThanOrEqual(probe.p50Ms)
    expect(readdirSync(dir)).toEqual([])
    const env = systemEnv()
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' })
    const failing = {
      ...env,
      fs: Object.assign(Object.create(env.fs) as typeof env.fs, {
        fdatasync: () => {
          throw full
        },
      }),
    }
    expect(() => probeDisk(dir, { env: failing })).toThrow(expect.objectContaining({ code: 'STORE_DISK_FULL' }))
    expect(readdirSync(dir)).toEqual([])
    expect(() => probeDisk(join(dir, 'missing'))).toThrow(expect.objectContaining({ code: expect.stringMatching(/^STORE_/) }))
  } finally {
    chmodSync(dir, 0o700)
    rmSync(dir, { recursive: true, force: true })
  }
})
