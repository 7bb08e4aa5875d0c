// The binding to SQLite that this Node can run. better-sqlite3 12 stands on C++ interfaces that Node 24.19 changed: from
// then on the process aborts when a statement of it is collected (nodejs/node#65446). 13 stands on Node-API 10, which
// does not change, and which Node has from 22.14 on; loading it into an older one is a segmentation fault.

import { createRequire } from 'node:module'
import process from 'node:process'

type Binding = typeof import('better-sqlite3')

const require = createRequire(import.meta.url)
export const Sqlite: Binding =
  Number(process.versions['napi']) >= 10 ? require('better-sqlite3-napi') : require('better-sqlite3')
export const SqliteError: Binding['SqliteError'] = Sqlite.SqliteError
