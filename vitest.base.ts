import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Test settings shared by every package: run from source, real time limits, no globals. */
export function suite(overrides: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    resolve: { conditions: ['@vectra/source'] },
    ssr: { resolve: { conditions: ['@vectra/source'] } },
    test: {
      include: ['test/**/*.test.ts'],
      exclude: ['test/**/*.fault.test.ts', '**/node_modules/**'],
      execArgv: ['--conditions=@vectra/source', '--disable-warning=ExperimentalWarning'],
      pool: 'forks',
      testTimeout: 30_000,
      hookTimeout: 30_000,
      ...overrides,
    },
  })
}
