import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const quick = process.env.VECTRA_FAULTS === 'quick'
const bench = fileURLToPath(new URL('../bench/soak.bench.ts', import.meta.url))

it.runIf(existsSync('/proc/self/status'))(
  `${quick ? 20 : 120} simulated minutes at ×60 through chaos: the sheet closes, every row is there, ${quick ? '' : 'memory and descriptors stay flat'}`,
  { timeout: 400_000 },
  async () => {
    const args = [
      '--conditions=@vectra/source',
      '--disable-warning=ExperimentalWarning',
      bench,
      ...(quick ? ['--quick', '--minutes', '20'] : []),
    ]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
    process.stderr.write(stdout)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^sheet_closes +true$/m)
    expect(stdout).toMatch(/^rows_equal_sheet +true$/m)
    expect(stdout).toMatch(/^verify_ok +true$/m)
    expect(Number(/^faults_injected +(\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(10)
  },
)
