import { defineConfig } from 'tsup'

/**
 * Build of one publishable library: ESM, declarations and source maps.
 * Worker entries are listed beside `src/index.ts`, so that `new URL('./x-thread.js', import.meta.url)` finds them.
 */
export function library(entry: string[]): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'node24',
    platform: 'node',
    tsconfig: 'tsconfig.build.json',
    dts: true,
    sourcemap: true,
    clean: true,
    splitting: true,
    removeNodeProtocol: false,
  })
}
