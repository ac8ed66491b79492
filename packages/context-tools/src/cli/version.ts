import { createRequire } from 'node:module'

/** Version of this package, from its own manifest. */
export function packageVersion(): string {
  const require = createRequire(import.meta.url)
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const manifest = require(path) as { name?: string; version?: string }
      if (manifest.name === '@vectra/context-tools') return manifest.version ?? '0.0.0'
    } catch {}
  }
  return '0.0.0'
}
