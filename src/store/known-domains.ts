// Which domains were ours when the database last said so, in a small file beside it. With it the service can start
// while the database is lost, locked or damaged: it still knows which mail to put off, and lets all other mail pass.

import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { type DomainName, parseDomainName, parseTimeZone } from '../address/index.ts'
import type { Domain } from './store.ts'

export type OurDomains = ReadonlyMap<DomainName, Domain>

const fileOf = (database: string): string => `${database}.domains`

/** What was kept for this database; empty when nothing was, or when it cannot be read. */
export function readKnownDomains(database: string): OurDomains {
  try {
    const kept: unknown = JSON.parse(readFileSync(fileOf(database), 'utf8'))
    const domains = Array.isArray(kept) ? kept.map(toDomain) : []
    return new Map(domains.flatMap((domain) => (domain === undefined ? [] : [[domain.name, domain]])))
  } catch {
    return new Map()
  }
}

/** Keeps them, whole or not at all. Rejects when the file cannot be written. */
export async function keepKnownDomains(database: string, domains: OurDomains): Promise<void> {
  const kept = [...domains.values()].map(({ name, timeZone }) => ({ name, timeZone }))
  const file = fileOf(database)
  await writeFile(`${file}.new`, `${JSON.stringify(kept)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** A domain as far as it must be known to put its mail off. */
function toDomain(kept: { readonly name?: unknown; readonly timeZone?: unknown }): Domain | undefined {
  const name = parseDomainName(String(kept.name))
  const timeZone = parseTimeZone(String(kept.timeZone))
  if (name === undefined || timeZone === undefined) return undefined
  return { id: 0, name, timeZone, postmaster: undefined, maxPrefixLength: 0, revision: 0, createdAt: 0 }
}
