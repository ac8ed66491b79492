import { type Workspace, workspaceOf } from '../src/workspace.ts'

const MANIFEST = {
  description: 'an example package',
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  homepage: 'https://example.test',
  bugs: 'https://example.test/issues',
  engines: { node: '>=24' },
  files: ['dist', 'src', 'README.md', 'CHANGELOG.md'],
  exports: {
    '.': { '@vectra/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  publishConfig: { access: 'public', provenance: true },
}

/** A manifest without a fault, for the folder given; `changes` puts one in. */
export function manifest(dir: string, changes: Record<string, unknown> = {}): string {
  const repository = { type: 'git', url: 'git+https://github.com/vectra-player/vectra.git', directory: dir }
  return JSON.stringify({ name: `@vectra/${dir.split('/')[1]}`, ...MANIFEST, repository, ...changes })
}

/** A README without a fault. */
export function readme(dir: string): string {
  const sections = ['Quickstart', 'API', 'Guarantees', 'Limits'].map((name) => `## ${name}\n\ntext\n`)
  return `# @vectra/${dir.split('/')[1]}\n\n${sections.join('\n')}\n\`\`\`sh\nvectra\n\`\`\`\n`
}

/** A repository of three packages and an app without a fault, plus the files of one example. */
export function example(files: Record<string, string>): Workspace {
  const all: Record<string, string> = {}
  for (const dir of ['packages/schemas', 'packages/ingest', 'packages/event-store', 'apps/recorder', 'apps/cli']) {
    all[`${dir}/package.json`] = manifest(dir)
    all[`${dir}/README.md`] = readme(dir)
    all[`${dir}/src/index.ts`] = '/** Nothing. */\nexport const NOTHING = 0\n'
  }
  return workspaceOf(new Map(Object.entries({ ...all, ...files })))
}
