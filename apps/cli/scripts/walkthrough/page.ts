import type { Walk, Way } from './walk.ts'

/** The walk as a page of the documentation. */
export function pageOf({ answers, toolTokens, tools }: Walk): string {
  const sum = (of: (way: { mcp: Way; shell: Way }) => number): number => answers.reduce((total, one) => total + of(one), 0)
  const [mcp, shell] = [sum((one) => one.mcp.tokens), sum((one) => one.shell.tokens)]
  const count = (key: 'mcp' | 'shell'): number => answers.filter((one) => one[key].answered).length
  const rows = answers.map(
    ({ question, calls, mcp: ours, shell: theirs }, index) =>
      `| ${index + 1} | ${question.asked} | ${calls.map(({ tool }) => `\`${tool}\``).join(', ')} | ${number(ours.tokens)} | ${theirs.steps} | ${number(theirs.tokens)} | ${theirs.answered ? 'yes' : 'no'} |`,
  )
  const details = answers.map(({ question, calls, mcp: ours, shell: theirs }, index) => {
    const asked = calls.map(({ tool, args }) => `${tool} ${JSON.stringify(args)}`).join('\n')
    return `### ${index + 1}. ${question.asked}

\`\`\`text
${asked}
\`\`\`

${number(ours.tokens)} tokens${ours.answered ? '' : ' (NOT ANSWERED)'}. With a shell: ${number(theirs.tokens)}; ${question.note}.

\`\`\`text
${question.shell.join('\n')}
\`\`\``
  })
  return `# An agent with only this server

Made by \`node --conditions=@vectra/source apps/cli/scripts/agent-walkthrough.ts\`: ten questions of somebody who works with the recorder and its code, asked once through \`vectra mcp serve --allow-sql\`
and nothing else, and once with a shell over the capture file and the repository. Nobody thinks here: calls and commands are written down in
\`apps/cli/scripts/walkthrough/questions.ts\`, the commands as short as we could make them, and each answer is checked for what it must say. The data is a simulated evening of
three games, in one of which the connection was lost for twelve ticks; search is BM25, without a model. A test repeats it.

Tokens (o200k) are what an agent writes and reads: the call or command, and what comes back; of a command's output the first 30,000 characters. Names, descriptions and
arguments of the ${tools} tools cost ${number(toolTokens)} more, once for a conversation.

| | question | calls | tokens | commands | tokens | answered by a shell |
|---|---|---|---|---|---|---|
${rows.join('\n')}
| | **all** | **${sum((one) => one.mcp.steps)}**, ${count('mcp')} of ${answers.length} answered | **${number(mcp)}** | **${sum((one) => one.shell.steps)}** | **${number(shell)}** | **${count('shell')} of ${answers.length}** |

The numbers depend on the repository as it was; what is compared is which way leads to an answer, and what it costs.

${details.join('\n\n')}
`
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
