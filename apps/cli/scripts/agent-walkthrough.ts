import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pageOf } from './walkthrough/page.ts'
import { walk } from './walkthrough/walk.ts'

// Asks the ten questions and writes docs/mcp-walkthrough.md; exits 1 when one was not answered.
const done = await walk()
writeFileSync(fileURLToPath(new URL('../../../docs/mcp-walkthrough.md', import.meta.url)), pageOf(done))
const missed = done.answers.filter(({ mcp }) => !mcp.answered)
for (const { question } of missed) process.stderr.write(`not answered: ${question.asked}\n`)
process.exitCode = missed.length > 0 ? 1 : 0
