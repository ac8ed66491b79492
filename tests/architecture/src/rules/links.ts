import type { Finding, Workspace } from '../workspace.ts'

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g

/** Relative links in Markdown lead to files and folders of the repository. Links inside code blocks are examples. */
export function linksAlive({ files }: Workspace): Finding[] {
  const folders = new Set<string>()
  for (const path of files.keys()) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.add(path.slice(0, at))
  }
  const findings: Finding[] = []
  for (const [path, text] of files) {
    if (!path.endsWith('.md') || /(^|\/)(test|fixtures|corpus)\//.test(path)) continue
    let fenced = false
    text.split('\n').forEach((line, index) => {
      if (/^\s*(```|~~~)/.test(line)) fenced = !fenced
      if (fenced) return
      for (const [, link = ''] of line.replaceAll(/`[^`]*`/g, '').matchAll(LINK)) {
        if (/^(https?:|mailto:|#)/.test(link)) continue
        const target = resolve(path, link.replace(/#.*$/, ''))
        if (!files.has(target) && !folders.has(target)) findings.push({ path, line: index + 1, message: `${link} leads nowhere` })
      }
    })
  }
  return findings
}

function resolve(from: string, link: string): string {
  const parts = link.startsWith('/') ? [] : from.split('/').slice(0, -1)
  for (const part of link.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
