// A file that the user named.

import { readFile } from 'node:fs/promises'
import { Declined } from './errors.ts'

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by this user',
  EISDIR: 'is a directory, not a file',
}

export async function readNamedFile(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException // What readFile throws.
    const message = `${file} ${FAULTS[code] ?? `cannot be read (${code})`}.`
    throw new Declined({ kind: 'not-found', message })
  }
}
