// The package as `npm pack` makes it, installed below a prefix of its own without a network.
//
// npm's own installer takes half a minute for the files of our dependencies, so here its work is done by hand: the files
// in place, a link to the program, and beside them the packages that package.json declares and no others. The nightly
// run lets npm do it.

import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Manifest {
  readonly version: string
  readonly bin: { readonly timedelay: string }
  readonly man: readonly string[]
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly dependencies: Readonly<Record<string, string>>
}

export interface InstalledPackage {
  /** Everything lies below it; outside the repository. */
  readonly prefix: string
  /** Paths within the package. */
  readonly files: readonly string[]
  /** Where the package's files lie. */
  readonly home: string
  /** The link that people run. */
  readonly program: string
  readonly manifest: Manifest
  remove(): void
}

/** Packs what is built, without building it anew, and returns the path of the archive. */
export async function pack(directory: string): Promise<string> {
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory], { cwd: ROOT })
  const [archive] = readdirSync(directory).filter((name) => name.endsWith('.tgz'))
  if (archive === undefined) throw new Error('npm pack left no archive')
  return join(directory, archive)
}

export async function installPackage(): Promise<InstalledPackage> {
  const prefix = mkdtempSync(join(tmpdir(), 'timedelay-package-'))
  const home = join(prefix, 'lib', 'node_modules', 'timedelay')
  mkdirSync(home, { recursive: true })
  const archive = await pack(prefix)
  await run('tar', ['-xzf', archive, '-C', home, '--strip-components=1'])
  const { stdout } = await run('tar', ['-tzf', archive])
  const manifest: Manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  for (const name of Object.keys(manifest.dependencies)) {
    const link = join(home, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), link)
  }
  const program = join(prefix, 'bin', 'timedelay')
  const target = join(home, manifest.bin.timedelay)
  mkdirSync(dirname(program))
  symlinkSync(relative(dirname(program), target), program)
  chmodSync(target, 0o755)
  return {
    prefix,
    home,
    program,
    manifest,
    files: stdout
      .split('\n')
      .filter((path) => path !== '')
      .map((path) => path.replace(/^package\//, '')),
    remove: () => rmSync(prefix, { recursive: true, force: true }),
  }
}
