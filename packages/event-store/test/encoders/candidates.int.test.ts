import { hyparquetWriterEncoder } from '../../bench/encoders/hyparquet-writer.ts'
import { parquetWasmEncoder } from '../../bench/encoders/parquet-wasm.ts'
import { encoderSuite } from './conformance.ts'
// Its table of codecs learns zstd there.
import '../../src/encoders/parquetjs.ts'

// The benchmark compares writers that give the same rows: those that the store does not use, too, pass its suite.
encoderSuite('hyparquet-writer', () => hyparquetWriterEncoder())
encoderSuite('parquet-wasm', () => parquetWasmEncoder())
