import {
  completable,
  fromJsonSchema,
  inputRequired,
  type McpServer,
  ResourceTemplate,
  type ServerContext,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server'
import { z } from 'zod'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
const SILENCE = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA='

const SCHEMA_2020_12 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
}

const HEADER_SCHEMA: Record<string, unknown> = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
  required: ['region'],
}

/** What the conformance suite looks for behind our own tools: fixed answers of every content type, by the names it asks for. */
export function registerFixtures(server: McpServer): void {
  const text = (said: string) => ({ type: 'text' as const, text: said })
  const image = { type: 'image' as const, data: PIXEL, mimeType: 'image/png' }
  const resource = (uri: string, mimeType: string, said: string) => ({
    type: 'resource' as const,
    resource: { uri, mimeType, text: said },
  })
  const simple = (name: string, content: () => object[]) =>
    server.registerTool(name, { description: name }, () => ({ content: content() as [] }))

  simple('test_simple_text', () => [text('This is a simple text response for testing.')])
  simple('test_image_content', () => [image])
  simple('test_audio_content', () => [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }])
  simple('test_embedded_resource', () => [
    resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  ])
  simple('test_multiple_content_types', () => [
    text('Multiple content types test:'),
    image,
    resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ])
  simple('test_error_handling', () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
  server.registerTool('test_tool_with_progress', { description: 'reports progress' }, async ({ mcpReq }: ServerContext) => {
    const progressToken = mcpReq._meta?.progressToken
    if (progressToken !== undefined) {
      for (const progress of [0, 50, 100])
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
    }
    return { content: [text('done')] }
  })
  // The three below only show that what the server refuses, or leaves out, it does as the revision says.
  server.registerTool('test_missing_capability', { description: 'needs sampling' }, () =>
    inputRequired({
      inputRequests: { one: inputRequired.createMessage({ messages: [{ role: 'user', content: text('x') }], maxTokens: 1 }) },
    }),
  )
  server.registerTool('test_streaming_elicitation', { description: 'asks for input' }, () =>
    inputRequired({
      inputRequests: { one: inputRequired.elicit({ message: 'ok?', requestedSchema: z.object({ ok: z.boolean() }) }) },
    }),
  )
  server.registerTool('test_logging_tool', { description: 'has no log to send' }, () => ({ content: [text('done')] }))
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'keeps its keywords', inputSchema: fromJsonSchema(SCHEMA_2020_12) as unknown as StandardSchemaWithJSON },
    () => ({ content: [text('ok')] }),
  )
  server.registerTool(
    'test_custom_header',
    {
      description: 'a parameter that is mirrored in a header',
      inputSchema: fromJsonSchema(HEADER_SCHEMA) as unknown as StandardSchemaWithJSON,
    },
    () => ({ content: [text('ok')] }),
  )

  server.registerResource('static-text', 'test://static-text', { mimeType: 'text/plain' }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  }))
  server.registerResource('static-binary', 'test://static-binary', { mimeType: 'image/png' }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'image/png', blob: PIXEL }],
  }))
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    {},
    (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        },
      ],
    }),
  )

  const user = (content: object) => ({ role: 'user' as const, content: content as { type: 'text'; text: string } })
  server.registerPrompt('test_simple_prompt', { description: 'simple' }, () => ({
    messages: [user(text('This is a simple prompt for testing.'))],
  }))
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'arguments',
      argsSchema: z.object({ arg1: completable(z.string(), () => ['paris', 'park', 'party']), arg2: z.string() }),
    },
    ({ arg1, arg2 }) => ({ messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))] }),
  )
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'resource', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => ({
      messages: [
        user(resource(resourceUri, 'text/plain', 'Embedded resource content for testing.')),
        user(text('Please process the embedded resource above.')),
      ],
    }),
  )
  server.registerPrompt('test_prompt_with_image', { description: 'image' }, () => ({
    messages: [user(image), user(text('Please analyze the image above.'))],
  }))
}
