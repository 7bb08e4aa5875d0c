import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { storeContract } from '../contracts/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'timedelay-store-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0

storeContract('SQLite in memory', async (bounds) => openSqliteStore(':memory:', bounds))
storeContract('an SQLite file', async (bounds) =>
  openSqliteStore(join(folder, String(files++), 'timedelay.db'), bounds),
)
