import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { EVENTS } from '@vectra/schemas'
import type { CallScope, VectraPorts } from '../ports.ts'
import { eventSchemaJson } from './event-schema.ts'
import { plainText, plainValue } from './plain-text.ts'
import { NOTICE } from './tool.ts'
import { shownGame } from './tools/games.ts'

/** Games that `resources/list` names; the others are there too, by id. */
const LISTED_GAMES = 20

/** Registers `vectra://context/{path}`, `vectra://schema/{event}` and `vectra://game/{id}`, as far as the ports reach. */
export function registerResources(server: McpServer, ports: VectraPorts, scopeOf: (context: ServerContext) => CallScope): void {
  const { context, games } = ports
  if (context !== undefined) {
    server.registerResource(
      'context',
      new ResourceTemplate('vectra://context/{+path}', {
        list: async () => ({
          resources: (await context.list()).map((path) => ({
            uri: uriOf('context', path),
            name: path,
            mimeType: 'application/json',
          })),
        }),
        complete: { path: async (value) => (await context.list()).filter((path) => path.startsWith(value)).slice(0, 100) },
      }),
      {
        title: 'CONTEXT.md with verdicts',
        description: 'A CONTEXT.md and what the code says about each of its rows.',
        mimeType: 'application/json',
      },
      async (uri, { path }, call) => {
        const found = await context.get(pathOf(path), scopeOf(call))
        if (found === undefined) throw missing(uri)
        return json(uri, { notice: NOTICE, ...found })
      },
    )
  }
  server.registerResource(
    'schema',
    new ResourceTemplate('vectra://schema/{+event}', {
      list: () => ({
        resources: Object.keys(EVENTS)
          .sort()
          .map((name) => ({ uri: uriOf('schema', name), name, mimeType: 'application/schema+json' })),
      }),
      complete: {
        event: (value) =>
          Object.keys(EVENTS)
            .filter((name) => name.startsWith(value))
            .sort()
            .slice(0, 100),
      },
    }),
    {
      title: 'JSON Schema of an event',
      description: 'The payload of one event of the protocol.',
      mimeType: 'application/schema+json',
    },
    (uri, { event }) => {
      const schema = eventSchemaJson(pathOf(event))
      if (schema === undefined) throw missing(uri)
      return { contents: [{ uri: uri.href, mimeType: 'application/schema+json', text: JSON.stringify(schema) }] }
    },
  )
  if (games !== undefined) {
    server.registerResource(
      'game',
      new ResourceTemplate('vectra://game/{id}', {
        list: async (call) => {
          const resources = []
          for await (const { game_id, complete } of games.list({ order: 'desc' }, scopeOf(call))) {
            resources.push({
              uri: uriOf('game', game_id),
              name: game_id,
              description: complete ? 'complete' : 'incomplete',
              mimeType: 'application/json',
            })
            if (resources.length === LISTED_GAMES) break
          }
          return { resources }
        },
      }),
      { title: 'One recorded game', description: 'Facts, completeness and fairness of a game.', mimeType: 'application/json' },
      async (uri, { id }, call) => {
        const scope = scopeOf(call)
        const found = await games.get(pathOf(id), scope)
        if (found === undefined) throw missing(uri)
        return json(uri, { notice: NOTICE, game: shownGame(found), fairness: await games.fairness(found.game_id, scope) })
      },
    )
  }
}

function uriOf(kind: string, name: string): string {
  return `vectra://${kind}/${name.split('/').map(encodeURIComponent).join('/')}`
}

function pathOf(value: string | string[] | undefined): string {
  try {
    return decodeURIComponent(Array.isArray(value) ? value.join('/') : (value ?? ''))
  } catch {
    return ''
  }
}

function json(uri: URL, value: object) {
  return { contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(plainValue(value)) }] }
}

function missing(uri: URL): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.ResourceNotFound, `nothing stands at ${plainText(uri.href).slice(0, 300)}`, {
    uri: uri.href,
  })
}
