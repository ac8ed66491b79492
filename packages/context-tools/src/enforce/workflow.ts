/** GitHub workflow that checks every pull request: annotations on its lines, SARIF for code scanning. */
export function workflowText(): string {
  return `# Written by vectra-context install github; vectra-context install --uninstall github removes it.
name: context
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
  security-events: write
jobs:
  context:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24
      - run: npx --yes @vectra/context-tools check --format github
      - if: always() && github.event_name == 'push'
        run: npx --yes @vectra/context-tools check --format sarif > context.sarif || true
      - if: always() && github.event_name == 'push'
        uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: context.sarif
`
}

/** Manifest with which others use this repository through pre-commit.com. */
export function preCommitManifest(): string {
  return `- id: vectra-context
  name: CONTEXT.md present and true
  entry: vectra-context check --staged
  language: node
  additional_dependencies: ['@vectra/context-tools']
  pass_filenames: false
  require_serial: true
  files: '\\.(py|ts|tsx|mts|cts|js|mjs|cjs)$|(^|/)([^/]+\\.)?CONTEXT\\.md$'
  stages: [pre-commit, pre-merge-commit, pre-push, manual]
  minimum_pre_commit_version: 3.2.0
`
}
