import type { Options } from 'tsup'
import { library } from '../../tsup.base.ts'

/** The Markdown parser is 70 small modules: one file of them loads 80 ms sooner, which a commit hook waits for. See NOTICE.md. */
const BUNDLED = ['ignore', 'jsonc-parser', 'remark-gfm', 'remark-parse', 'unified']

const config: Options = {
  ...(library(['src/index.ts', 'src/cli.ts', 'src/python-thread.ts']) as Options),
  noExternal: BUNDLED,
}

export default config
