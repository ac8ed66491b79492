import { openSqlProcess, type SqlProcess } from '@vectra/mcp'
import type { SettingValues } from '../config/schema.ts'

/** SQL of agents, in a process of its own over the same data directory. */
export function sqlProcess(values: SettingValues): SqlProcess {
  const source = import.meta.url.endsWith('.ts')
  return openSqlProcess({
    module: new URL(source ? '../sql-process.ts' : './sql-process.js', import.meta.url),
    args: [JSON.stringify({ dir: values.dataDir, memoryLimit: values['query.memoryLimit'], threads: values['query.threads'] })],
    execArgv: ['--disable-warning=ExperimentalWarning', ...(source ? ['--conditions=@vectra/source'] : [])],
  })
}
