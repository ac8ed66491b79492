import { parse } from 'jsonc-parser'
import { expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { claudeHooks } from '../../src/enforce/claude.ts'
import { DEFAULT_HOOKS, parseHooks, shellLine } from '../../src/enforce/hooks-yaml.ts'
import { planRecipe, RECIPES, type RecipeContext, type RecipeName } from '../../src/enforce/recipes.ts'

/** Runs a recipe against files in memory until nothing changes; fails when it does not settle at once. */
function install(name: RecipeName, files: Record<string, string>, options: Partial<RecipeContext> = {}): Record<string, string> {
  const out = { ...files }
  const context: RecipeContext = { hooksDir: '/hooks', read: (path) => out[path] ?? null, claudeVersion: '2.1.317', ...options }
  for (const change of planRecipe(name, context)) {
    if (change.text === null) delete out[change.path]
    else out[change.path] = change.text
  }
  expect(planRecipe(name, context)).toEqual([])
  return out
}

const THEIRS: Readonly<Record<RecipeName, Record<string, string>>> = {
  git: { '/hooks/pre-commit': '#!/bin/sh\n# ours\nnpm test || exit 1\nexit 0\n' },
  husky: { '.husky/pre-commit': 'npx lint-staged\n' },
  lefthook: { 'lefthook.yml': '# keep me\npre-commit:\n  jobs:\n    - name: lint # why\n      run: npm run lint\n' },
  'pre-commit': {
    '.pre-commit-config.yaml':
      '# keep me\nrepos:\n  - repo: https://example.invalid/x\n    rev: v1 # pinned\n    hooks:\n      - id: x\n',
  },
  claude: {
    '.claude/settings.json':
      '{\n  // keep me\n  "permissions": { "allow": ["Bash(ls)"] },\n  "hooks": {\n    "PreToolUse": [{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "theirs" }] }]\n  }\n}\n',
  },
  github: { '.github/workflows/ci.yml': 'name: ci\n' },
}

test.each(RECIPES)('%s: installs into nothing, is idempotent, uninstalls to nothing', (name) => {
  const installed = install(name, {})
  expect(Object.keys(installed).length).toBeGreaterThan(0)
  expect(JSON.stringify(installed)).toContain('vectra')
  expect(install(name, installed, { uninstall: true })).toEqual({})
})

test.each(RECIPES)('%s: merges with what is there and takes only its own entries out', (name) => {
  const before = THEIRS[name]
  const installed = install(name, before)
  const kept = Object.values(before)
    .flatMap((text) => text.split('\n'))
    .filter((line) => /keep|ours|why|pinned|npm|lint|name: ci/.test(line))
  for (const line of name === 'claude' ? ['// keep me', '"theirs"'] : kept)
    expect(Object.values(installed).join('\n')).toContain(line.trim())
  const after = install(name, installed, { uninstall: true })
  if (name === 'claude') expect(parse(after['.claude/settings.json']!)).toEqual(parse(before['.claude/settings.json']!))
  else if (name === 'lefthook' || name === 'pre-commit')
    expect(parseYaml(Object.values(after)[0]!)).toEqual(parseYaml(Object.values(before)[0]!))
  else expect(after).toEqual(before)
})

test.each<[RecipeName, string, string]>([
  [
    'pre-commit',
    '.pre-commit-config.yaml',
    'repos:\n  - repo: local\n    hooks:\n      - id: before\n        name: b\n        entry: b\n        language: system\n',
  ],
  ['lefthook', 'lefthook.yml', 'pre-commit:\n  commands:\n    before:\n      run: b\n'],
])('%s: local entries of others beside ours stay', (name, path, text) => {
  const installed = install(name, { [path]: text })
  expect(installed[path]).toContain('before')
  expect(installed[path]).toContain('vectra-context')
  expect(parseYaml(install(name, installed, { uninstall: true })[path]!)).toEqual(parseYaml(text))
})

test('the block stands before an early exit, so that it runs', () => {
  const text = install('git', THEIRS.git)['/hooks/pre-commit']!
  expect(text.indexOf('vectra-context check --staged')).toBeLessThan(text.indexOf('npm test'))
  expect(text.startsWith('#!/bin/sh\n')).toBe(true)
})

test.each([
  ['git', { '/hooks/pre-commit': '#!/usr/bin/env node\nx()\n' }],
  ['claude', { '.claude/settings.json': '{ not json' }],
  ['lefthook', { 'lefthook.yml': 'a: [b\n' }],
  ['github', { '.github/workflows/context.yml': 'name: mine\n' }],
] as const)('%s: what cannot be merged is refused with the reason', (name, files) => {
  expect(() => install(name, files)).toThrow(expect.objectContaining({ code: 'CONTEXT_INSTALL_CONFLICT' }))
})

test.each([
  [null, { args: false, if: false, onFailure: false }],
  ['2.1.80 (Claude Code)', { args: false, if: false, onFailure: false }],
  ['2.1.100', { args: false, if: true, onFailure: false }],
  ['2.1.139', { args: true, if: true, onFailure: false }],
  ['2.1.317', { args: true, if: true, onFailure: true }],
  ['3.0.0', { args: true, if: true, onFailure: true }],
])('Claude Code %s gets only keys it knows', (version, keys) => {
  const handler = claudeHooks(DEFAULT_HOOKS, version)['PreToolUse']?.[0]?.hooks[0]
  expect({
    args: handler !== undefined && 'args' in handler,
    if: handler !== undefined && 'if' in handler,
    onFailure: handler !== undefined && 'onFailure' in handler,
  }).toEqual(keys)
})

test('the four events are installed, with the matchers of the documentation', () => {
  const settings = parse(install('claude', {})['.claude/settings.json']!) as { hooks: Record<string, { matcher?: string }[]> }
  expect(
    Object.fromEntries(Object.entries(settings.hooks).map(([event, list]) => [event, list.map((one) => one.matcher)])),
  ).toEqual({
    SessionStart: ['startup|resume|clear|compact'],
    PreToolUse: ['Bash'],
    PostToolUse: ['Edit|Write|MultiEdit|NotebookEdit'],
    Stop: [undefined],
  })
})

const SEED = {
  check: `# context-enforcement.yaml\nname: context_md_enforcement\ntrigger: pre_commit\nscope: "*.py"\naction: |\n  # Check for CONTEXT.md sibling\n  for py_file in $(git diff --cached --name-only | grep '\\.py$'); do\n    context_file="\${py_file%.py}.CONTEXT.md"\n    dir_context="$(dirname $py_file)/CONTEXT.md"\n    if [[ ! -f "$context_file" && ! -f "$dir_context" ]]; then\n      echo "ERROR: Missing CONTEXT.md for $py_file"\n      exit 1\n    fi\n  done\n`,
  stub: `name: context_stub_generator\ntrigger: file_create\nscope: "*.py"\naction: |\n  # Generate CONTEXT.md stub for new Python files\n  py_file="$1"\n  cat > "$context_file" << 'EOF'\n  # $(basename $(dirname $py_file)) Context\n  EOF\n`,
  index: `name: lancedb_index_on_session\ntrigger: session_start\naction: |\n  # Index CONTEXT.md files to code_context.lance\n  python3 -m vectra_player.index_contexts --table code_context\n`,
}

test('the three hook files of the seed compile; none of their shell text survives', () => {
  const hooks = [SEED.check, SEED.stub, SEED.index].flatMap((text, index) => parseHooks(text, `${index}.yaml`))
  expect(hooks).toEqual([
    { name: 'context_md_enforcement', trigger: 'pre_commit', scope: ['*.py'], action: 'context.check' },
    { name: 'context_stub_generator', trigger: 'file_create', scope: ['*.py'], action: 'context.stub' },
    { name: 'lancedb_index_on_session', trigger: 'session_start', scope: [], action: 'context.index' },
  ])
  const files = { ...install('git', {}, { hooks }), ...install('claude', {}, { hooks }) }
  const all = Object.values(files).join('\n')
  expect(all).not.toMatch(/git diff|basename|python3|vectra_player/)
  expect(files['/hooks/pre-commit']).toContain("vectra-context check --staged --scope '*.py' || exit $?")
  const settings = parse(files['.claude/settings.json']!) as {
    hooks: Record<string, { matcher?: string; hooks: { command: string; args?: string[] }[] }[]>
  }
  expect(settings.hooks['PostToolUse']).toMatchObject([
    { matcher: 'Write', hooks: [{ args: expect.arrayContaining(['post-edit', '--stub', '--scope', '*.py']) as unknown }] },
  ])
  expect(settings.hooks['SessionStart']).toMatchObject([
    { hooks: [{ command: 'npx --no-install vectra index run --session-start' }] },
  ])
})

test('/context runs the command that the caller names, which then may add notes', () => {
  const path = '.claude/commands/context.md'
  expect(install('claude', {})[path]).toContain('!`npx --no-install vectra-context slash -- "$ARGUMENTS"`')
  const named = install('claude', {}, { command: 'npx --no-install vectra context' })[path]
  expect(named).toContain('!`npx --no-install vectra context slash -- "$ARGUMENTS"`')
  expect(named).toContain('allowed-tools: Bash(npx --no-install vectra context:*), ')
})

test('the dialect: `use`, several documents, shell only where allowed', () => {
  expect(
    parseHooks(
      'name: a\ntrigger: pre_commit\naction: { use: context.check }\n---\nname: b\ntrigger: file_edit\nscope: ["*.ts", "*.py"]\naction: context.check\n',
      'x',
    ),
  ).toHaveLength(2)
  const shell = 'name: a\ntrigger: pre_commit\naction: make lint\n'
  expect(() => parseHooks(shell, 'x')).toThrow('allowShell')
  const [hook] = parseHooks(`${shell}allowShell: true\n`, 'x')
  expect(shellLine('vc', hook!)).toBe('make lint')
})

test.each([
  ['name: a\ntrigger: sometimes\naction: context.check\n', 'trigger'],
  ['name: "a b; rm"\ntrigger: pre_commit\naction: context.check\n', 'name'],
  ['name: a\ntrigger: pre_commit\nscope: "$(id)"\naction: context.check\n', 'scope'],
  ['name: a\ntrigger: pre_commit\n', 'action'],
  ['', 'no hook'],
  ['a: [', 'x'],
])('a hook file %j is refused', (text, message) => expect(() => parseHooks(text, 'x')).toThrow(message))
