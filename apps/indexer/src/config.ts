import { homedir } from 'node:os'
import { join } from 'node:path'

/** Everything the indexer can be told. */
export interface IndexerConfig {
  /** Absolute path of the data directory. */
  readonly dataDir: string
  /** Root of the repository whose CONTEXT.md files and protocol pages are indexed; undefined leaves those tables' rows alone. */
  readonly repoDir?: string | undefined
  /** Model folders and the embedding cache; safe to delete. Default {@link defaultCacheDir}. */
  readonly cacheDir?: string | undefined
  /** `default`, `none` (BM25 alone), `org/name` of the hub, or the address of an OpenAI-compatible API. */
  readonly model?: string | undefined
  /** Model asked for at an address. */
  readonly endpointModel?: string | undefined
  /** Key of that address; never stored. */
  readonly apiKey?: string | undefined
  /** Trades of others from so many SOL, as decimal text. Default 1. */
  readonly tradeSol?: string | undefined
  /** Sidebets of others from so many SOL. Default 0.1. */
  readonly sidebetSol?: string | undefined
}

/** `$XDG_CACHE_HOME/vectra`, or `~/.cache/vectra`. */
export function defaultCacheDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'vectra')
}
