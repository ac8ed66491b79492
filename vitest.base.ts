import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Set by `npm test`: where this package leaves its machine-readable results, relative to its folder. */
const report = process.env.VECTRA_TEST_REPORT

/** Set by `pnpm test:faults` to `full` or `quick`: run the heavy fault tests instead of the others. */
const faults = process.env.VECTRA_FAULTS !== undefined

/** Compiled code of the processes that tests start, so that hundreds of command lines do not compile the same modules anew. */
const compiled = fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url))

/** Test settings shared by every package: run from source, real time limits, no globals. */
export function suite(overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    resolve: { conditions: ['@vectra/source'] },
    ssr: { resolve: { conditions: ['@vectra/source'] } },
    test: {
      include: [faults ? 'test/**/*.fault.test.ts' : 'test/**/*.test.ts'],
      exclude: ['**/node_modules/**', ...(faults ? [] : ['test/**/*.fault.test.ts'])],
      execArgv: ['--conditions=@vectra/source', '--disable-warning=ExperimentalWarning'],
      pool: 'forks',
      env: { NODE_COMPILE_CACHE: compiled },
      testTimeout: faults ? 300_000 : 30_000,
      hookTimeout: 30_000,
      passWithNoTests: faults,
      reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
      ...overrides,
      ...(faults ? { typecheck: { enabled: false } } : {}),
    },
  })
}
