#!/usr/bin/env node
// GitHub workflows and forms: actionlint, actions pinned by commit, least rights, forms that GitHub can read.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root, tools } from './bootstrap/places.mjs'
import { outputOf } from './output-of.mjs'
import { tally } from './tally.mjs'
import { formFaults, workflowFaults } from './workflows/faults.mjs'

const results = tally()
const github = join(root, '.github')
const yamlIn = (folder) => readdirSync(join(github, folder)).filter((name) => name.endsWith('.yml'))
const read = (path) => readFileSync(join(github, path), 'utf8')
const orThrow = (faults) => {
  if (faults.length > 0) throw new Error(faults.join('\n'))
}

await results.check('actionlint', async () => {
  try {
    await outputOf('sh', [join(root, 'scripts/setup-actionlint.sh')])
  } catch (error) {
    const noGo = /exit code 3/.test(error.message)
    if (!noGo || process.env.CI) throw error
    process.stderr.write(`SKIPPED actionlint: ${error.message}\nInstall Go to run it here; CI runs it in any case.\n`)
    return
  }
  await outputOf(join(tools, 'bin', 'actionlint'), ['-no-color'], { cwd: root })
})

for (const name of yamlIn('workflows')) {
  await results.check(`workflows/${name}`, () => orThrow(workflowFaults(read(`workflows/${name}`), parse)))
}

const labels = new Set(parse(read('labels.yml')).map((label) => label.name))
for (const name of yamlIn('ISSUE_TEMPLATE').filter((file) => file !== 'config.yml')) {
  await results.check(`ISSUE_TEMPLATE/${name}`, () => orThrow(formFaults(parse(read(`ISSUE_TEMPLATE/${name}`)), labels)))
}
await results.check('milestones.yml uses the labels of labels.yml', () => {
  const used = parse(read('milestones.yml')).flatMap((milestone) => milestone.issues.flatMap((issue) => issue.labels))
  orThrow(used.filter((label) => !labels.has(label)).map((label) => `unknown label: ${label}`))
})
process.exitCode = results.close()
