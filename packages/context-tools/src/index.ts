export { contextHash, type IndexState } from './check/boxes.ts'
export { affectedContexts, type CheckOptions, checkContexts, reportOf } from './check/check.ts'
export { type Baseline, parseBaseline, printBaseline } from './check/policy.ts'
export type {
  ArrowVerdict,
  BoxVerdict,
  CheckReport,
  ContextReport,
  Evidence,
  Finding,
  Judgement,
  OmittedEdge,
  RowVerdict,
  Rule,
  Target,
  Verdict,
} from './check/types.ts'
export { type CommandIo, processIo } from './cli/io.ts'
export { runContextCommand, USAGE } from './cli/run.ts'
export { CONFIG_PATH, type ContextConfig, DEFAULT_CONFIG, type Level, parseConfig, readConfig, type Waiver } from './config.ts'
export { type FixOptions, fixContext } from './edit/fix.ts'
export { reviewContext } from './edit/review.ts'
export { stubContext } from './edit/stub.ts'
export { claudePlugin } from './enforce/claude.ts'
export { type ContextHook, DEFAULT_HOOKS, parseHooks, type Trigger } from './enforce/hooks-yaml.ts'
export { planRecipe, RECIPES, type RecipeContext, type RecipeName } from './enforce/recipes.ts'
export { preCommitManifest } from './enforce/workflow.ts'
export { type ContextToolsCode, ContextToolsError } from './errors.ts'
export type { BusPatterns, ClassFact, EventFact, ExportFact, FileFacts, ImportedName, ImportFact } from './graph/facts.ts'
export { type FactsCache, fileCache, memoryCache } from './graph/facts-cache.ts'
export { type Edge, EvidenceGraph, type Origin } from './graph/graph.ts'
export { contextOf, isContextPath } from './model/locate.ts'
export { MAX_CONTEXT_BYTES, parseContextFile } from './model/parse.ts'
export type {
  Arrow,
  Claim,
  ContextFile,
  Problem,
  RelationKind,
  Row,
  Section,
  SectionKind,
  Span,
  StatusBox,
} from './model/types.ts'
export { parseRelation, VOCABULARY } from './model/vocabulary.ts'
export { printGitHub } from './output/github.ts'
export { contextJson, printJson } from './output/json.ts'
export { printSarif } from './output/sarif.ts'
export { printText } from './output/text.ts'
export { openRepository, type Repository, type RepositoryOptions } from './repository.ts'
export { type Impact, impactOf, printImpact } from './use/impact.ts'
export { type ModuleMap, moduleMap, printMap } from './use/map.ts'
export { type ContextRecord, contextRecords } from './use/records.ts'
export { isSecretPath, redact } from './use/safety.ts'
export { type RecentNote, type ShowOptions, showContext, slashContext } from './use/show.ts'
export { changesSince, openCommitView, openIndexView, type StagedChange, stagedChanges } from './view/tree-view.ts'
export type { RepoView } from './view/view.ts'
export { openWorkTreeView } from './view/work-tree-view.ts'
export type { FileChange, Writer } from './write.ts'
