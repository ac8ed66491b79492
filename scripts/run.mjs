#!/usr/bin/env node
// The one entry of a fresh clone: `npm start`, `npm test`, `npm run -s vectra -- <verb>`.
// Plain Node >= 20, no dependencies: it fetches what is missing, builds what changed, then runs the command.

const [major] = process.versions.node.split('.').map(Number)
if (major < 20) {
  process.stderr.write(`vectra: this is Node ${process.version}; 20 or newer is needed to fetch the rest.\n`)
  process.exit(1)
}

const { main } = await import('./bootstrap/main.mjs')
process.exitCode = await main(process.argv.slice(2))
