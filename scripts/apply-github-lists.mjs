#!/usr/bin/env node
// Brings the labels and milestones of a GitHub repository to what .github/labels.yml and .github/milestones.yml say.
//
//   node scripts/apply-github-lists.mjs OWNER/REPO             prints the plan
//   node scripts/apply-github-lists.mjs OWNER/REPO --yes       does it, through the gh command you are logged in with
//   node scripts/apply-github-lists.mjs OWNER/REPO --issues    plans the issues of the milestones too (add --yes to open them)
//
// Adds and updates; removes nothing. Doing it twice changes nothing.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from './bootstrap/places.mjs'
import { outputOf } from './output-of.mjs'

const args = process.argv.slice(2)
const repo = args.find((arg) => /^[\w.-]+\/[\w.-]+$/.test(arg))
if (repo === undefined) {
  process.stderr.write('usage: node scripts/apply-github-lists.mjs OWNER/REPO [--issues] [--yes]\n')
  process.exit(2)
}
const go = args.includes('--yes')
const read = (name) => parse(readFileSync(join(root, '.github', name), 'utf8'))
const ask = async (path) =>
  (await outputOf('gh', ['api', '--paginate', '--jq', '.[].title', path])).split('\n').filter((line) => line !== '')

async function carryOut(says, command) {
  process.stdout.write(`${go ? 'doing' : 'would do'}: ${says}\n`)
  if (go) await outputOf('gh', command)
}

for (const { name, color, description } of read('labels.yml')) {
  await carryOut(`label ${name}`, [
    'label',
    'create',
    name,
    '--color',
    color,
    '--description',
    description,
    '--force',
    '--repo',
    repo,
  ])
}
const milestones = read('milestones.yml')
const present = new Set(go ? await ask(`repos/${repo}/milestones?state=all`) : [])
for (const { title, description } of milestones.filter((milestone) => !present.has(milestone.title))) {
  await carryOut(`milestone ${title}`, [
    'api',
    `repos/${repo}/milestones`,
    '-f',
    `title=${title}`,
    '-f',
    `description=${description}`,
  ])
}
if (args.includes('--issues')) {
  const open = new Set(go ? await ask(`repos/${repo}/issues?state=all`) : [])
  for (const milestone of milestones) {
    for (const { title, labels } of milestone.issues.filter((issue) => !open.has(issue.title))) {
      const body = `Part of ${milestone.title}: ${milestone.description}.`
      const wanted = labels.flatMap((label) => ['--label', label])
      await carryOut(`issue ${title}`, [
        'issue',
        'create',
        '--repo',
        repo,
        '--title',
        title,
        '--body',
        body,
        '--milestone',
        milestone.title,
        ...wanted,
      ])
    }
  }
}
