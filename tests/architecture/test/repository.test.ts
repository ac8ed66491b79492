import ts from 'typescript'
import { expect, it } from 'vitest'
import { ROOT, readRepository } from '../src/read-repository.ts'
import { report } from '../src/report.ts'
import { contextForm, contextPresent } from '../src/rules/context-files.ts'
import { importCycles } from '../src/rules/cycles.ts'
import { envDoor } from '../src/rules/env-door.ts'
import { exactMoney, typeOracle } from '../src/rules/exact-money.ts'
import { fileWrites } from '../src/rules/file-writes.ts'
import { importDirection } from '../src/rules/import-direction.ts'
import { linksAlive } from '../src/rules/links.ts'
import { manifestsPublishable } from '../src/rules/manifests.ts'
import { exportsDocumented, noDefaultExports, plainTypes } from '../src/rules/plain-types.ts'
import { readmesComplete } from '../src/rules/readmes.ts'
import { type Rule, workspaceOf } from '../src/workspace.ts'

const workspace = workspaceOf(readRepository())

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(`${ROOT}/tsconfig.base.json`, ts.sys.readFile)
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options
}

it('reads the repository (a rule over nothing would always hold)', () => {
  expect(workspace.packages.length).toBeGreaterThanOrEqual(8)
  expect(workspace.modules.length).toBeGreaterThan(50)
})

const RULES: readonly (readonly [string, Rule])[] = [
  ['imports point one way: apps → packages → schemas; siblings never import each other', importDirection],
  ['no import cycle', importCycles],
  ['file-system writes only in @vectra/event-store and @vectra/vectors', fileWrites],
  ['Env is the only door to clock, randomness and fs in the core', envDoor],
  ['no any, no switched-off type checks, no vague file names', plainTypes],
  ['no default exports', noDefaultExports],
  ['every export has a docstring', exportsDocumented],
  ['money is never a float', (all) => exactMoney(all, typeOracle(ROOT, compilerOptions(), all))],
  ['every module folder has a CONTEXT.md', contextPresent],
  ['every CONTEXT.md has its five sections and names scripts that exist', contextForm],
  ['every package has a README that shows before it tells', readmesComplete],
  ['every relative link leads somewhere', linksAlive],
  ['every package is fit to be published', manifestsPublishable],
]

it.each(RULES)('%s', (_name, rule) => {
  expect(report(rule(workspace))).toEqual([])
})
