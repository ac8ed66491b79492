import { DockerfileParser } from 'dockerfile-ast'

/**
 * What is wrong with a Dockerfile beyond its grammar: images that move, a root process, a missing health check or stop signal.
 *
 * @param {string} text
 * @param {{ node: string, pnpm: string }} versions those the repository is pinned to
 * @returns {string[]}
 */
export function dockerfileFaults(text, { node, pnpm }) {
  const instructions = DockerfileParser.parse(text).getInstructions()
  const last = instructions.findLastIndex((one) => one.getKeyword() === 'FROM')
  const final = instructions.slice(last)
  const argumentsOf = (keyword) =>
    final.filter((one) => one.getKeyword() === keyword).map((one) => one.getArgumentsContent() ?? '')
  const faults = []
  for (const from of instructions.filter((one) => one.getKeyword() === 'FROM')) {
    const image = (from.getArgumentsContent() ?? '').split(' ')[0]
    if (image !== `node:${node}-bookworm-slim`)
      faults.push(`FROM ${image}: the repository is pinned to node:${node}-bookworm-slim`)
  }
  if (!text.includes(`pnpm@${pnpm}`)) faults.push(`pnpm is not ${pnpm}, as package.json has it`)
  const user = argumentsOf('USER').at(-1)
  if (user === undefined || /^(root|0)(:|$)/.test(user)) faults.push('the image runs as root')
  if (argumentsOf('STOPSIGNAL').at(-1) !== 'SIGTERM') faults.push('STOPSIGNAL is not SIGTERM, which a recorder stops in order on')
  if (argumentsOf('HEALTHCHECK').length !== 1) faults.push('there is no health check')
  if (!(argumentsOf('ENTRYPOINT')[0] ?? '').startsWith('[')) faults.push('ENTRYPOINT is no list: a shell would swallow signals')
  if (instructions.some((one) => one.getKeyword() === 'ADD')) faults.push('ADD fetches and unpacks: use COPY')
  return faults
}

/**
 * The parts of the final stage that a run without an engine can try: what starts, how it is asked, with which environment.
 *
 * @param {string} text
 * @returns {{ entrypoint: string[], command: string[], health: string[], env: Record<string, string>, deploy: string }}
 */
export function imageOf(text) {
  const dockerfile = DockerfileParser.parse(text)
  const list = (keyword) => {
    const found = dockerfile.getInstructions().findLast((one) => one.getKeyword() === keyword)
    return JSON.parse(/\[.*\]/s.exec((found?.getArgumentsContent() ?? '[]').replace(/\\\n\s*/g, ' '))?.[0] ?? '[]')
  }
  const env = Object.fromEntries(
    dockerfile.getENVs().flatMap((one) => one.getProperties().map((entry) => [entry.getName(), entry.getValue() ?? ''])),
  )
  const deploy = /pnpm (--filter \S+ deploy [^\n]*) \/app$/m.exec(text)?.[1] ?? ''
  return { entrypoint: list('ENTRYPOINT'), command: list('CMD'), health: list('HEALTHCHECK'), env, deploy }
}
