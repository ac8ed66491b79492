/** The part of ONNX's protobuf format that a graph of ours needs, written by hand: deterministic, and no library for it. */

type Attribute = number | readonly number[] | { readonly float: number }

/** Element types of tensors. */
export const ELEMENT = { FLOAT: 1, INT8: 3, INT64: 7 } as const

function varint(value: number | bigint): Buffer {
  let rest = BigInt(value)
  if (rest < 0n) rest += 1n << 64n
  const bytes: number[] = []
  do {
    const byte = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest ? byte | 128 : byte)
  } while (rest)
  return Buffer.from(bytes)
}

const tag = (field: number, wire: number): Buffer => varint((field << 3) | wire)
const integer = (field: number, value: number | bigint): Buffer => Buffer.concat([tag(field, 0), varint(value)])
const bytes = (field: number, value: Buffer): Buffer => Buffer.concat([tag(field, 2), varint(value.length), value])
const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value, 'utf8'))
const float = (field: number, value: number): Buffer => {
  const buffer = Buffer.alloc(4)
  buffer.writeFloatLE(value)
  return Buffer.concat([tag(field, 5), buffer])
}

function attribute(name: string, value: Attribute): Buffer {
  if (typeof value === 'number') return Buffer.concat([text(1, name), integer(3, value), integer(20, 2)])
  if ('float' in value) return Buffer.concat([text(1, name), float(2, value.float), integer(20, 1)])
  return Buffer.concat([text(1, name), ...value.map((item) => integer(8, item)), integer(20, 7)])
}

/** A constant of the graph. */
export function tensor(name: string, type: number, dims: readonly number[], data: ArrayBufferView): Buffer {
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return Buffer.concat([...dims.map((dim) => integer(1, dim)), integer(2, type), text(8, name), bytes(9, raw)])
}

/** One operation, named after its first output. */
export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>>,
): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(3, outputs[0] ?? ''),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
  ])
}

function valueInfo(name: string, element: number, dims: readonly (string | number)[]): Buffer {
  const shape = Buffer.concat(dims.map((dim) => bytes(1, typeof dim === 'string' ? text(2, dim) : integer(1, dim))))
  return Buffer.concat([text(1, name), bytes(2, bytes(1, Buffer.concat([integer(1, element), bytes(2, shape)])))])
}

/** A whole model: opset 17, integer inputs, one float output. */
export function model(parts: {
  readonly name: string
  readonly nodes: readonly Buffer[]
  readonly constants: readonly Buffer[]
  readonly inputs: readonly string[]
  readonly output: string
  readonly outputSize: number
}): Buffer {
  const io = ['batch', 'sequence']
  const graph = Buffer.concat([
    ...parts.nodes.map((part) => bytes(1, part)),
    text(2, parts.name),
    ...parts.constants.map((part) => bytes(5, part)),
    ...parts.inputs.map((name) => bytes(11, valueInfo(name, ELEMENT.INT64, io))),
    bytes(12, valueInfo(parts.output, ELEMENT.FLOAT, [...io, parts.outputSize])),
  ])
  return Buffer.concat([
    integer(1, 8),
    text(2, 'vectra-minilm-to-onnx'),
    text(3, '1'),
    bytes(7, graph),
    bytes(8, Buffer.concat([text(1, ''), integer(2, 17)])),
  ])
}
