/**
 * The steps of `.ci/run`, in order. A step whose output closes with `N passed, N failed` counts with those numbers,
 * any other step counts as one.
 *
 * @param {ReturnType<import('../bootstrap/toolchain.mjs').toolchain>} chain
 * @returns {{ name: string, says: string, file: string, args: string[], env: NodeJS.ProcessEnv }[]}
 */
export function ciSteps(chain) {
  const env = { ...chain.env, CI: 'true', NO_COLOR: '1' }
  const npm = (name, says, ...args) => ({ name, says, file: 'npm', args, env: { ...process.env, CI: 'true', NO_COLOR: '1' } })
  const pnpm = (name, says, args, extra = {}) => ({
    name,
    says,
    file: chain.node,
    args: [chain.pnpm, ...args],
    env: { ...env, ...extra },
  })
  const script = (name, says, ...args) => ({ name, says, file: chain.node, args: args.map(String), env })
  const shell = (name, says, file) => ({ name, says, file: 'sh', args: [file], env })
  return [
    shell('python', 'a Python with the LanceDB client, for the tables of the indexer', 'scripts/setup-python.sh'),
    shell('mcp-peers', 'the MCP servers that our clients are tested against, from PyPI', 'scripts/setup-mcp-peers.sh'),
    shell('s3', 'an S3 server for the object stores, built by Go', 'scripts/setup-s3.sh'),
    shell('chromium', "Debian's browser for the browser tests", 'scripts/setup-chromium.sh'),
    shell(
      'corpora',
      'code that the import graph is compared on, from PyPI and npm',
      'packages/context-tools/scripts/setup-context-corpora.sh',
    ),
    npm('test', 'bootstrap, then every test of every package', 'test'),
    pnpm('lint', 'biome: lint and format', ['exec', 'biome', 'ci', '--colors=off', '--error-on-warnings', '.']),
    pnpm('typecheck', 'tsc over every package, its tests and the scripts', ['typecheck']),
    pnpm('build', 'tsup: libraries, declarations, source maps', ['build']),
    script('context', 'every CONTEXT.md is there, true and indexed', 'scripts/check-context.mjs'),
    script('packages', 'each packed tarball: publint, attw, contents, install and import', 'scripts/check-packages.mjs'),
    script('deploy', 'Dockerfile, image steps run here, health and stop as the image has them', 'scripts/check-deploy.mjs'),
    pnpm('knip', 'unused files, exports and dependencies', ['exec', 'knip', '--no-progress', '--no-config-hints']),
    script('workflows', 'GitHub workflows: actionlint, pinned actions', 'scripts/check-workflows.mjs'),
    script('json-schema', 'published JSON Schemas equal the zod schemas', 'scripts/check-json-schema.mjs'),
    script('history', 'branch name and commit subjects', 'scripts/check-history.mjs'),
    script('changesets', 'versions and changelogs from the pending changesets', 'scripts/check-changesets.mjs'),
    pnpm('publish', 'publish, dry run', ['publish', '-r', '--dry-run', '--no-git-checks']),
    script('bench', 'short benchmarks, only to prove that they run', 'scripts/bench.mjs', '--quick'),
    pnpm('faults', 'fault tests, quick form', ['test:faults'], { VECTRA_FAULTS: 'quick' }),
  ]
}
