// mcp-server-motherduck as its versions were: node motherduck.ts <1.0|0.8|0.2|pre-1.0> [hidden|timeout|truncated|prefixed|unauthorized|prose]
import { initialize, serveFake, text, tool } from './wire.ts'

const [version = '1.0', failure] = process.argv.slice(2)
const sql = { sql: { type: 'string' } }
const query = { query: { type: 'string' } }

const TOOLS: Readonly<Record<string, readonly object[]>> = {
  '1.0': [
    tool('execute_query', sql),
    tool('list_databases'),
    tool('list_tables'),
    tool('list_columns', { table: { type: 'string' } }),
  ],
  'pre-1.0': [tool('query', sql)],
  '0.8': [tool('query', query)],
  '0.2': [tool('initialize-connection'), tool('read-schemas'), tool('execute-query', query)],
}

const ROWS =
  '[[9007199254740993,"1.10000000000000000001",170141183460469231731687303715884105727,0.5,null,"text",[9007199254740993]]]'
const TYPES = '["BIGINT","DECIMAL(38,20)","HUGEINT","DOUBLE","VARCHAR","VARCHAR","BIGINT[]"]'
const table = (more = ''): string =>
  `{"success":true,"columns":["b","d","h","f","n","t","l"],"columnTypes":${TYPES},"rows":${ROWS},"rowCount":1${more}}`

function answer(): object {
  const refused = '{"success":false,"error":"Binder Error: no such column","errorType":"BinderException"}'
  if (failure === 'hidden') return { ...text(refused), structuredContent: { result: refused } }
  if (failure === 'prefixed') return { ...text(`Error calling tool 'execute_query': ${refused}`), isError: true }
  if (failure === 'timeout')
    return { ...text('Query execution timed out after 3 seconds. Use a more specific query.'), isError: true }
  if (failure === 'unauthorized')
    return { ...text('Error: Your request is not authenticated: invalid MotherDuck token'), isError: true }
  if (failure === 'prose') return text('b | d\n1 | 2')
  const body = table(failure === 'truncated' ? ',"truncated":true,"warning":"Results limited to 1 rows."' : '')
  return version === '1.0' ? { ...text(body), structuredContent: { result: body } } : text(body)
}

serveFake({
  initialize: initialize('mcp-server-motherduck'),
  'tools/list': () => ({ tools: TOOLS[version] }),
  'tools/call': answer,
})
