import { expectTypeOf, it } from 'vitest'
import type {
  CodeDocument,
  DocumentOf,
  DocumentSource,
  EventDocument,
  NoteDocument,
  SearchRequest,
  VectorIndex,
} from '../src/index.ts'

it('isolation: a document of one table is none of another', () => {
  expectTypeOf<NoteDocument>().not.toExtend<CodeDocument>()
  expectTypeOf<CodeDocument>().not.toExtend<EventDocument>()
  expectTypeOf<EventDocument>().not.toExtend<NoteDocument>()
  expectTypeOf<DocumentOf['debug_notes']>().toEqualTypeOf<NoteDocument>()
})

it('isolation: a source of one table gives no documents of another', () => {
  expectTypeOf<DocumentSource<'debug_notes'>>().not.toExtend<DocumentSource<'code_context'>>()
  expectTypeOf<DocumentSource<'code_context'>>().not.toExtend<DocumentSource<'events'>>()
  expectTypeOf<VectorIndex['sync']>().toBeCallableWith({} as DocumentSource<'events'>)
})

it('isolation: a search names at least one table', () => {
  expectTypeOf<{ text: string; tables: [] }>().not.toExtend<SearchRequest>()
  expectTypeOf<{ text: string }>().not.toExtend<SearchRequest>()
  expectTypeOf<{ text: string; tables: ['events'] }>().toExtend<SearchRequest>()
})
