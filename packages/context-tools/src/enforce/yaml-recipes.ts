import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import { ContextToolsError } from '../errors.ts'
import { type ContextHook, shellLine } from './hooks-yaml.ts'

const NAME = 'vectra-context'
const LINE_WIDTH = { lineWidth: 0 }

/** lefthook: one job under `pre-commit` (or one command, where a file uses commands). Comments and order stay. */
export function lefthook(text: string | null, hooks: readonly ContextHook[], command: string, uninstall: boolean): string | null {
  if (uninstall && text === null) return null
  const document = open(text ?? '', 'lefthook.yml')
  const run = hooks.map((hook) => shellLine(command, hook).replace(/ \|\| exit \$\?$/, '')).join(' && ')
  const commands = document.getIn(['pre-commit', 'commands'])
  if (isMap(commands)) {
    if (uninstall) commands.delete(NAME)
    else if (commands.getIn([NAME, 'run']) !== run) commands.set(NAME, document.createNode({ run }))
    else return text
  } else if (
    !place(document, ['pre-commit', 'jobs'], (item) => item.get('name') === NAME, uninstall ? null : { name: NAME, run })
  )
    return text
  tidy(document, [['pre-commit', 'commands'], ['pre-commit', 'jobs'], ['pre-commit']])
  return close(document)
}

/** pre-commit.com: one local hook. */
export function preCommitConfig(
  text: string | null,
  hooks: readonly ContextHook[],
  command: string,
  uninstall: boolean,
): string | null {
  if (uninstall && text === null) return null
  const document = open(text ?? '', '.pre-commit-config.yaml')
  const entry = hooks.map((hook) => shellLine(command, hook).replace(/ \|\| exit \$\?$/, '')).join(' && ')
  const wanted = {
    id: NAME,
    name: 'CONTEXT.md present and true',
    entry: hooks.length > 1 ? `sh -c "${entry.replaceAll('"', '\\"')}"` : entry,
    language: 'system',
    pass_filenames: false,
    require_serial: true,
    stages: ['pre-commit', 'pre-merge-commit', 'manual'],
  }
  const repos = document.get('repos')
  const local = isSeq(repos)
    ? repos.items.find((item): item is YAMLMap => isMap(item) && item.get('repo') === 'local')
    : undefined
  if (local === undefined) {
    if (uninstall) return text
    if (!isSeq(repos)) document.set('repos', document.createNode([]))
    ;(document.get('repos') as YAMLSeq).add(document.createNode({ repo: 'local', hooks: [wanted] }))
    return close(document)
  }
  if (!isSeq(local.get('hooks'))) local.set('hooks', document.createNode([]))
  const items = local.get('hooks') as YAMLSeq
  const index = items.items.findIndex((item) => isMap(item) && item.get('id') === NAME)
  if (uninstall) {
    if (index < 0) return text
    items.items.splice(index, 1)
    if (items.items.length === 0 && isSeq(repos)) repos.items.splice(repos.items.indexOf(local), 1)
    if (isSeq(repos) && repos.items.length === 0 && isMap(document.contents) && document.contents.items.length === 1) return null
    return close(document)
  }
  const same = index >= 0 && JSON.stringify((items.items[index] as YAMLMap).toJSON()) === JSON.stringify(wanted)
  if (same) return text
  if (index >= 0) items.items[index] = document.createNode(wanted)
  else items.add(document.createNode(wanted))
  return close(document)
}

function open(text: string, path: string): Document {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined)
    throw new ContextToolsError('CONTEXT_INSTALL_CONFLICT', `${path} is not valid YAML: ${error.message.split('\n')[0]}`, {
      context: { path },
    })
  if (document.contents === null) document.contents = document.createNode({}) as unknown as typeof document.contents
  return document
}

/** Puts, replaces or removes one item of a list; `false` when nothing had to change. */
function place(document: Document, path: readonly string[], mine: (item: YAMLMap) => boolean, wanted: object | null): boolean {
  const list = document.getIn(path)
  const items = isSeq(list) ? list : null
  const index = items?.items.findIndex((item) => isMap(item) && mine(item)) ?? -1
  if (wanted === null) {
    if (index >= 0) items?.items.splice(index, 1)
    return index >= 0
  }
  if (items === null) document.setIn(path, document.createNode([wanted]))
  else if (index < 0) items.add(document.createNode(wanted))
  else if (JSON.stringify((items.items[index] as YAMLMap).toJSON()) === JSON.stringify(wanted)) return false
  else items.items[index] = document.createNode(wanted)
  return true
}

function tidy(document: Document, paths: readonly (readonly string[])[]): void {
  for (const path of paths) {
    const node = document.getIn(path)
    if ((isMap(node) || isSeq(node)) && node.items.length === 0) document.deleteIn(path)
  }
}

function close(document: Document): string | null {
  if (
    isMap(document.contents) &&
    document.contents.items.length === 0 &&
    document.commentBefore == null &&
    document.comment == null
  )
    return null
  return document.toString(LINE_WIDTH)
}
