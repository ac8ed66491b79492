import { createRequire } from 'node:module'
import type * as LanceTypes from '@lancedb/lancedb'
import type * as ArrowTypes from 'apache-arrow'

const require = createRequire(import.meta.url)

// Read once, when the library is loaded: its warnings ("no existing dataset, it will be created") are not for people.
process.env['LANCEDB_LOG'] ??= 'error'

/** LanceDB, loaded with its log set to errors. */
export const lancedb: typeof LanceTypes = require('@lancedb/lancedb')

/**
 * The Arrow that LanceDB holds: its CommonJS build. The ESM build of the same version has other classes, and what it makes of
 * LanceDB's tables has no rows. Arrow objects stay inside this package.
 */
export const arrow: typeof ArrowTypes = require('apache-arrow')
