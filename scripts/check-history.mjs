#!/usr/bin/env node
// Branch name and commit subjects, by the same two scripts that the local hooks call.
import { join } from 'node:path'
import { root } from './bootstrap/places.mjs'
import { outputOf } from './output-of.mjs'
import { tally } from './tally.mjs'

/** Without a base to compare with, this many of the latest commits are looked at. */
const LATEST = 100

const git = async (...args) => (await outputOf('git', args, { cwd: root })).trim()
const results = tally()

const branch = process.env.GITHUB_HEAD_REF || (await git('branch', '--show-current'))
await results.check(`branch ${branch === '' ? '(none: detached HEAD)' : branch}`, () =>
  outputOf('sh', [join(root, 'scripts/check-branch.sh'), branch]),
)

const base = process.env.GITHUB_BASE_REF ? `origin/${process.env.GITHUB_BASE_REF}` : undefined
const range = base ? [`${base}..HEAD`] : [`--max-count=${LATEST}`, 'HEAD']
const subjects = (await git('log', '--no-merges', '--format=%h %s', ...range)).split('\n').filter((line) => line !== '')
await results.check(`${subjects.length} commit subjects`, async () => {
  const wrong = []
  for (const line of subjects) {
    const subject = line.slice(line.indexOf(' ') + 1)
    await outputOf('sh', [join(root, 'scripts/check-subject.sh'), subject]).catch((error) =>
      wrong.push(`${line}\n${error.message}`),
    )
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
})
process.exitCode = results.close()
