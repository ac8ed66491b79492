import type { RepoView } from '../view/view.ts'

const EXTENSIONS = [
  '.ts',
  '.tsx',
  '.mts',
  '.cts',
  '.d.ts',
  '.d.mts',
  '.d.cts',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '.json',
  '.vue',
  '.svelte',
]
const WRITTEN_AS: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.d.ts'],
  '.jsx': ['.tsx', '.ts'],
  '.mjs': ['.mts', '.d.mts'],
  '.cjs': ['.cts', '.d.cts'],
}

/** File a path without (or with the emitted) extension stands for, as TypeScript and bundlers look it up; `null` when none exists. */
export function fileAt(view: Pick<RepoView, 'paths'>, target: string, folderOnly = false): string | null {
  const has = (path: string) => view.paths.has(path)
  if (!folderOnly) {
    const extension = /\.[cm]?jsx?$/.exec(target)?.[0]
    for (const written of extension === undefined ? [] : (WRITTEN_AS[extension] ?? [])) {
      const path = target.slice(0, -(extension as string).length) + written
      if (has(path)) return path
    }
    if (target !== '' && has(target)) return target
    for (const one of EXTENSIONS) if (has(target + one)) return target + one
  }
  const inside = target === '' ? '' : `${target}/`
  for (const one of EXTENSIONS) if (has(`${inside}index${one}`)) return `${inside}index${one}`
  return null
}
