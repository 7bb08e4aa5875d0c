// Runs every test on each Node version that is supported, each in a clone of its own of what is committed:
// `node scripts/every-node.mjs [VERSION...] [-- ARGUMENTS OF VITEST]`. The last lines say what passed on which. A
// version compiles SQLite and runs the whole suite, so all of them take more than half an hour.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
/** npm has Node itself as packages, with the headers that SQLite is compiled against. */
const VERSIONS = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' }

const given = process.argv.slice(2)
const split = given.indexOf('--')
const wanted = split < 0 ? given : given.slice(0, split)
const forVitest = split < 0 ? [] : given.slice(split)

const unknown = wanted.find((version) => VERSIONS[version] === undefined)
if (unknown !== undefined) {
  process.stderr.write(`every-node: ${unknown} is none of ${Object.keys(VERSIONS).join(', ')}\n`)
  process.exit(2)
}

/** Output goes to stderr as it comes, and is given back too. */
function run(command, args, options) {
  const { status, stdout, error } = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
  })
  process.stderr.write(stdout ?? '')
  return { passed: error === undefined && status === 0, stdout: stdout ?? '' }
}

function testOn(version, folder) {
  const home = join(folder, 'node')
  const named = `node-linux-${process.arch}`
  const name = `${named}@${version}`
  const installed = run('npm', ['install', '--prefix', home, '--no-audit', '--no-fund', '--no-save', name], {
    cwd: folder,
  })
  if (!installed.passed) return { passed: false, said: `${name} could not be installed` }
  const node = join(home, 'node_modules', named)
  const clone = join(folder, 'timedelay')
  if (!run('git', ['clone', '--quiet', root, clone], { cwd: folder }).passed) {
    return { passed: false, said: 'the repository could not be cloned' }
  }
  // The mail servers' packages do not depend on Node.
  if (existsSync(join(root, '.cache')))
    cpSync(join(root, '.cache'), join(clone, '.cache'), { recursive: true })
  const { passed, stdout } = run('npm', ['test', ...forVitest], {
    cwd: clone,
    env: {
      ...process.env,
      PATH: `${join(node, 'bin')}${delimiter}${process.env.PATH}`,
      npm_config_nodedir: node,
    },
  })
  const totals = stdout.match(/^\d+ passed, \d+ failed.*$/gm)?.at(-1) ?? 'no test ran'
  return { passed, said: totals }
}

const lines = []
for (const major of wanted.length > 0 ? wanted : Object.keys(VERSIONS)) {
  const folder = mkdtempSync(join(tmpdir(), `timedelay-node${major}-`))
  const { passed, said } = testOn(VERSIONS[major], folder)
  rmSync(folder, { recursive: true, force: true })
  lines.push(`Node ${VERSIONS[major]}: ${said}`)
  if (!passed) process.exitCode = 1
}
process.stdout.write(`${lines.join('\n')}\n`)
