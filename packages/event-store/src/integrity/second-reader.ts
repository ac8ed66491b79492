import { DuckDBInstance } from '@duckdb/node-api'
import { COLUMNS } from '../columns.ts'
import { parquetjsTexts } from '../encoders/parquetjs.ts'
import { COLUMN_NAMES } from '../narrow-columns.ts'

/** A row as text, in the order of the columns: DECIMAL with its full scale, times in microseconds; null stays null. */
export type TextRow = readonly (string | null)[]

/** Two readers that are compared; the first one's name is not told to the second. */
export interface ComparedReader {
  readonly name: string
  readonly rows: AsyncIterable<TextRow>
}

const SHOWN = 60

function shown(value: string | null | undefined): string {
  if (value === null || value === undefined) return 'nothing'
  return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value)
}

/** Where two readers of one file first disagree, in words; `undefined` when every row and value is the same. */
export async function firstDifference(first: ComparedReader, second: ComparedReader): Promise<string | undefined> {
  await using others = iterate(second.rows)
  let count = 0
  for await (const row of first.rows) {
    const { done, value: other } = await others.next()
    if (done === true) return `${second.name} reads ${count} rows, ${first.name} more`
    count++
    const column = COLUMN_NAMES.findIndex((_name, index) => row[index] !== other[index])
    if (column >= 0)
      return `row ${count}, ${COLUMN_NAMES[column]}: ${first.name} reads ${shown(row[column])}, ${second.name} ${shown(other[column])}`
  }
  return (await others.next()).done === true ? undefined : `${first.name} reads ${count} rows, ${second.name} more`
}

function iterate(rows: AsyncIterable<TextRow>): AsyncIterator<TextRow> & AsyncDisposable {
  const iterator = rows[Symbol.asyncIterator]()
  return {
    next: () => iterator.next(),
    [Symbol.asyncDispose]: async () => void (await iterator.return?.()),
  }
}

/** Reads parts with DuckDB and with @dsnp/parquetjs, which share no code, and compares what they read. */
export class SecondReader {
  #instance: DuckDBInstance | undefined

  /** Where the two disagree about a part; `undefined` when nowhere. Rejects when one of them cannot read it. */
  async difference(file: string, signal?: AbortSignal): Promise<string | undefined> {
    return firstDifference(
      { name: 'DuckDB', rows: this.#duckdbTexts(file, signal) },
      { name: 'parquetjs', rows: parquetjsTexts(file) },
    )
  }

  async *#duckdbTexts(file: string, signal: AbortSignal | undefined): AsyncGenerator<TextRow, void, undefined> {
    this.#instance ??= await DuckDBInstance.create(':memory:', {
      threads: '1',
      memory_limit: '512MB',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    const connection = await this.#instance.connect()
    try {
      const texts = COLUMN_NAMES.map((column) =>
        COLUMNS[column] === 'TIMESTAMP' ? `epoch_us(${column})::VARCHAR` : `${column}::VARCHAR`,
      )
      const source = `read_parquet('${file.replaceAll("'", "''")}', hive_partitioning = false)`
      // Rows come in the order of the file: one thread, and DuckDB keeps it unless told otherwise.
      const result = await connection.stream(`SELECT ${texts.join(', ')} FROM ${source}`)
      for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        signal?.throwIfAborted()
        yield* chunk.getRows() as unknown as TextRow[]
      }
    } finally {
      connection.closeSync()
    }
  }

  close(): void {
    this.#instance?.closeSync()
    this.#instance = undefined
  }
}
