import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { addressBookContract } from '../contracts/address-book.ts'
import { peopleContract } from '../contracts/people.ts'
import { storeContract } from '../contracts/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'timedelay-store-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0

const inMemory = async (bounds?: object) => openSqliteStore(':memory:', bounds)
const inFile = async (bounds?: object) =>
  openSqliteStore(join(folder, String(files++), 'timedelay.db'), bounds)

storeContract('SQLite in memory', inMemory)
storeContract('an SQLite file', inFile)
peopleContract('SQLite in memory', inMemory)
peopleContract('an SQLite file', inFile)
addressBookContract('SQLite in memory', inMemory)
addressBookContract('an SQLite file', inFile)
