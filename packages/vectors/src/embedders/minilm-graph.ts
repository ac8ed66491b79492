import { ELEMENT, model, node, tensor } from './onnx-format.ts'
import type { Tensor } from './safetensors.ts'

/** Sizes of the model, from its config.json. */
export interface BertConfig {
  readonly hidden_size: number
  readonly num_attention_heads: number
  readonly num_hidden_layers: number
  readonly layer_norm_eps: number
}

/** Forms of the weights: int8 (what is used), or as they are. */
export type GraphKind = 'q8' | 'fp32'

type Attributes = Parameters<typeof node>[3]

const at = (array: Float32Array, index: number): number => array[index] ?? 0

/**
 * The BERT encoder of all-MiniLM-L6-v2 as an ONNX graph. In int8 weights have one scale an output channel, activations are
 * quantized at run time, and embedding rows are int8 with a scale each. The same tensors give the same bytes.
 */
export function minilmGraph(kind: GraphKind, config: BertConfig, weights: (name: string) => Tensor): Buffer {
  return new GraphBuilder(kind, config, weights).build()
}

class GraphBuilder {
  readonly #kind: GraphKind
  readonly #config: BertConfig
  readonly #weights: (name: string) => Tensor
  readonly #nodes: Buffer[] = []
  readonly #constants: Buffer[] = []
  readonly #quantized = new Set<string>()

  constructor(kind: GraphKind, config: BertConfig, weights: (name: string) => Tensor) {
    this.#kind = kind
    this.#config = config
    this.#weights = weights
  }

  build(): Buffer {
    const hidden = this.#config.hidden_size
    const heads = this.#config.num_attention_heads
    let x = this.#embeddings()
    this.#mask()
    this.#integers('split_heads', [0, 0, heads, hidden / heads])
    this.#integers('merge_heads', [0, 0, hidden])
    this.#scalar('inv_sqrt', Math.fround(1 / Math.sqrt(hidden / heads)))
    this.#scalar('sqrt2', Math.fround(Math.SQRT2))
    this.#scalar('half', 0.5)
    for (let layer = 0; layer < this.#config.num_hidden_layers; layer++) x = this.#layer(layer, x)
    return model({
      name: `all-MiniLM-L6-v2-${this.#kind}`,
      nodes: this.#nodes,
      constants: this.#constants,
      inputs: ['input_ids', 'attention_mask', 'token_type_ids'],
      output: 'last_hidden_state',
      outputSize: hidden,
    })
  }

  #add(operator: string, inputs: readonly string[], output: string | readonly string[], attributes: Attributes = {}): string {
    const outputs = typeof output === 'string' ? [output] : output
    this.#nodes.push(node(operator, inputs, outputs, attributes))
    return outputs[0] ?? ''
  }

  #constant(name: string, type: number, dims: readonly number[], data: ArrayBufferView): string {
    this.#constants.push(tensor(name, type, dims, data))
    return name
  }

  #vector(name: string): string {
    const { shape, single } = this.#weights(name)
    return this.#constant(name, ELEMENT.FLOAT, shape, single)
  }

  #scalar(name: string, value: number): string {
    return this.#constant(name, ELEMENT.FLOAT, [], Float32Array.of(value))
  }

  #integers(name: string, values: readonly number[]): string {
    return this.#constant(name, ELEMENT.INT64, [values.length], BigInt64Array.from(values, BigInt))
  }

  #embeddings(): string {
    this.#constant('zero', ELEMENT.INT64, [], BigInt64Array.of(0n))
    this.#constant('step', ELEMENT.INT64, [], BigInt64Array.of(1n))
    this.#add('Shape', ['input_ids'], 'ids_shape')
    this.#add('Gather', ['ids_shape', this.#constant('axis1', ELEMENT.INT64, [], BigInt64Array.of(1n))], 'seq_len')
    this.#add('Range', ['zero', 'seq_len', 'step'], 'positions')
    this.#table('embeddings.word_embeddings.weight', 'input_ids', 'word')
    this.#table('embeddings.token_type_embeddings.weight', 'token_type_ids', 'type')
    this.#table('embeddings.position_embeddings.weight', 'positions', 'pos')
    this.#add('Add', ['word', 'type'], 'emb0')
    this.#add('Add', ['emb0', 'pos'], 'emb1')
    return this.#norm('emb1', 'embeddings.LayerNorm', 'emb')
  }

  /** (1 - mask) * -10000 as [batch, 1, 1, sequence]. */
  #mask(): void {
    this.#add('Cast', ['attention_mask'], 'mask_f', { to: ELEMENT.FLOAT })
    this.#add('Unsqueeze', ['mask_f', this.#integers('axes12', [1, 2])], 'mask_u')
    this.#add('Sub', [this.#scalar('one_f', 1), 'mask_u'], 'mask_inv')
    this.#add('Mul', ['mask_inv', this.#scalar('neg', -10_000)], 'mask')
  }

  #layer(layer: number, x: string): string {
    const prefix = `encoder.layer.${layer}`
    const name = (suffix: string): string => `l${layer}_${suffix}`
    const head = (which: string, perm: readonly number[]): string => {
      this.#linear(x, `${prefix}.attention.self.${which}`, name(which))
      this.#add('Reshape', [name(which), 'split_heads'], name(`${which}_r`))
      return this.#add('Transpose', [name(`${which}_r`)], name(`${which}_t`), { perm })
    }
    const query = head('query', [0, 2, 1, 3])
    const key = head('key', [0, 2, 3, 1])
    const value = head('value', [0, 2, 1, 3])
    this.#add('MatMul', [query, key], name('qk'))
    this.#add('Mul', [name('qk'), 'inv_sqrt'], name('qks'))
    this.#add('Add', [name('qks'), 'mask'], name('qkm'))
    this.#add('Softmax', [name('qkm')], name('att'), { axis: -1 })
    this.#add('MatMul', [name('att'), value], name('ctx'))
    this.#add('Transpose', [name('ctx')], name('ctx_t'), { perm: [0, 2, 1, 3] })
    this.#add('Reshape', [name('ctx_t'), 'merge_heads'], name('ctx_r'))
    this.#linear(name('ctx_r'), `${prefix}.attention.output.dense`, name('ao'))
    this.#add('Add', [name('ao'), x], name('ao_res'))
    const attended = this.#norm(name('ao_res'), `${prefix}.attention.output.LayerNorm`, name('ao_n'))
    this.#linear(attended, `${prefix}.intermediate.dense`, name('up'))
    this.#add('Div', [name('up'), 'sqrt2'], name('g1'))
    this.#add('Erf', [name('g1')], name('g2'))
    this.#add('Add', [name('g2'), 'one_f'], name('g3'))
    this.#add('Mul', [name('up'), name('g3')], name('g4'))
    this.#add('Mul', [name('g4'), 'half'], name('gelu'))
    this.#linear(name('gelu'), `${prefix}.output.dense`, name('down'))
    this.#add('Add', [name('down'), attended], name('out_res'))
    const last = layer + 1 === this.#config.num_hidden_layers
    return this.#norm(name('out_res'), `${prefix}.output.LayerNorm`, last ? 'last_hidden_state' : name('out'))
  }

  #norm(x: string, name: string, output: string): string {
    const inputs = [x, this.#vector(`${name}.weight`), this.#vector(`${name}.bias`)]
    return this.#add('LayerNormalization', inputs, output, { axis: -1, epsilon: { float: this.#config.layer_norm_eps } })
  }

  #table(name: string, ids: string, output: string): void {
    const { shape, single } = this.#weights(name)
    const [rows = 0, columns = 0] = shape
    if (this.#kind === 'fp32') {
      this.#add('Gather', [this.#constant(name, ELEMENT.FLOAT, shape, single), ids], output)
      return
    }
    const quantized = new Int8Array(rows * columns)
    const scales = new Float32Array(rows)
    for (let row = 0; row < rows; row++) {
      let most = 0
      for (let column = 0; column < columns; column++) most = Math.max(most, Math.abs(at(single, row * columns + column)))
      const scale = most ? Math.fround(most / 127) : 1
      scales[row] = scale
      for (let column = 0; column < columns; column++)
        quantized[row * columns + column] = clamp(at(single, row * columns + column) / scale)
    }
    this.#add('Gather', [this.#constant(`${name}_q`, ELEMENT.INT8, [rows, columns], quantized), ids], `${output}_q`)
    this.#add('Cast', [`${output}_q`], `${output}_f`, { to: ELEMENT.FLOAT })
    this.#add('Gather', [this.#constant(`${name}_s`, ELEMENT.FLOAT, [rows, 1], scales), ids], `${output}_s`)
    this.#add('Mul', [`${output}_f`, `${output}_s`], output)
  }

  /** x · Wᵀ + b, with W stored [out, in]. */
  #linear(x: string, name: string, output: string): void {
    const { shape, single } = this.#weights(`${name}.weight`)
    const [outputs = 0, inputs = 0] = shape
    const transposed = new Float32Array(outputs * inputs)
    for (let row = 0; row < outputs; row++) {
      for (let column = 0; column < inputs; column++) transposed[column * outputs + row] = at(single, row * inputs + column)
    }
    const product =
      this.#kind === 'fp32'
        ? this.#add(
            'MatMul',
            [x, this.#constant(`${name}.weight_t`, ELEMENT.FLOAT, [inputs, outputs], transposed)],
            `${output}_m`,
          )
        : this.#quantizedProduct(x, name, output, transposed, inputs, outputs)
    this.#add('Add', [product, this.#vector(`${name}.bias`)], output)
  }

  #quantizedProduct(x: string, name: string, output: string, weights: Float32Array, inputs: number, outputs: number): string {
    const quantized = new Int8Array(inputs * outputs)
    const scales = new Float32Array(outputs)
    for (let column = 0; column < outputs; column++) {
      let most = 0
      for (let row = 0; row < inputs; row++) most = Math.max(most, Math.abs(at(weights, row * outputs + column)))
      const scale = most ? Math.fround(most / 127) : 1
      scales[column] = scale
      for (let row = 0; row < inputs; row++)
        quantized[row * outputs + column] = clamp(at(weights, row * outputs + column) / scale)
    }
    if (!this.#quantized.has(x)) {
      this.#add('DynamicQuantizeLinear', [x], [`${x}_q`, `${x}_scale`, `${x}_zp`])
      this.#quantized.add(x)
    }
    this.#constant(`${name}.weight_q`, ELEMENT.INT8, [inputs, outputs], quantized)
    this.#constant(`${name}.weight_s`, ELEMENT.FLOAT, [outputs], scales)
    this.#constant(`${name}.weight_zp`, ELEMENT.INT8, [outputs], new Int8Array(outputs))
    this.#add('MatMulInteger', [`${x}_q`, `${name}.weight_q`, `${x}_zp`, `${name}.weight_zp`], `${output}_i`)
    this.#add('Cast', [`${output}_i`], `${output}_c`, { to: ELEMENT.FLOAT })
    this.#add('Mul', [`${x}_scale`, `${name}.weight_s`], `${output}_s`)
    return this.#add('Mul', [`${output}_c`, `${output}_s`], `${output}_m`)
  }
}

const clamp = (value: number): number => Math.max(-127, Math.min(127, Math.round(value)))
