const HEAD = `# Benchmarks

Written by \`pnpm bench\`; do not edit by hand. Every number that matters is a ratio taken inside one run, on real frames, so that
a slower or busier machine moves both sides; the load beside each date says how alone it was (above the number of cores: not at all). A benchmark that misses the target it states fails the command.
`

/** One section: what the benchmark says it measures (its first comment), the command, and what it printed. */
export function sectionOf(path, source, printed) {
  const title = path
    .replace(/^(packages|apps)\//, '')
    .replace('/bench/', ': ')
    .replace(/\.bench\.ts$/, '')
  const purpose = /\/\*\*\s*\n?([\s\S]*?)\*\//.exec(source)?.[1] ?? ''
  const words =
    purpose
      .replace(/^\s*\* ?/gm, '')
      .trim()
      .split(/\n\s*\n/)[0] ?? ''
  const name = path.split('/').at(-1)?.replace('.bench.ts', '')
  return `## ${title}\n\n${words}\n\n\`pnpm bench ${name}\`\n\n${readable(printed)}\n`
}

/** Markdown stays Markdown, one level down; a JSON object becomes a list, one number a line; other text stays as it was printed. */
function readable(printed) {
  const text = printed.trimEnd()
  if (/^## /m.test(text)) return text.replace(/^## /gm, '### ')
  const lines = text.split('\n').map((line) => (line.startsWith('{') ? listOf(line) : line))
  return ['```', ...lines, '```'].join('\n')
}

function listOf(line) {
  let entries
  try {
    entries = Object.entries(JSON.parse(line))
  } catch {
    return line
  }
  const width = Math.max(...entries.map(([key]) => key.length))
  return entries
    .map(([key, value]) => `${key.padEnd(width)}  ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join('\n')
}

/**
 * The report with the given sections replaced or added; sections of benchmarks that were not run stay as they are.
 *
 * @param {string} before  the report as it stands, or empty
 * @param {Map<string, string>} sections  by path of the benchmark
 * @param {{ machine: string, date: string }} run
 */
export function mergeSections(before, sections, run) {
  const kept = new Map(
    [...before.matchAll(/<!-- (\S+) -->\n([\s\S]*?)(?=<!-- |$)/g)].map(([, path, text]) => [path, `${text.trimEnd()}\n`]),
  )
  for (const [path, text] of sections) kept.set(path, text.replace('\n\n', `\n\n*${run.date}, ${run.machine}*\n\n`))
  const body = [...kept].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => `<!-- ${path} -->\n${text}`)
  return `${HEAD}\n${body.join('\n')}`
}
