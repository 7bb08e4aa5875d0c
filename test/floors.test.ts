import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

// Who may import whom. Any other arrow fails here: a new one is a decision, to be made in this table first.

const root = fileURLToPath(new URL('../src', import.meta.url))

/** What a floor may import: other floors' files by pattern, packages and Node's modules by name. */
const FLOORS: readonly {
  readonly floor: RegExp
  readonly may: readonly RegExp[]
  readonly packages: readonly RegExp[]
}[] = [
  { floor: /^address\//, may: [/^address\//], packages: [/^node:crypto$/, /^(temporal-polyfill|tldts)$/] },
  { floor: /^milter\/simulator\//, may: [/^milter\//], packages: [/^node:/] },
  { floor: /^milter\//, may: [/^milter\/(?!simulator\/)/], packages: [/^node:/] },
  { floor: /^examples\//, may: [/^examples\//, /^milter\/index\.ts$/], packages: [/^node:/] },
  {
    floor: /^store\/sqlite\//,
    may: [/^store\//, /^address\/index\.ts$/, /^clock\.ts$/],
    packages: [/^node:/, /^better-sqlite3$/],
  },
  { floor: /^store\//, may: [/^store\/[^/]+$/, /^address\/index\.ts$/, /^clock\.ts$/], packages: [/^node:/] },
  {
    floor: /^filter\//,
    may: [/^filter\//, /^milter\/index\.ts$/, /^address\/index\.ts$/, /^store\/store\.ts$/, /^clock\.ts$/],
    // For isIP, which opens nothing.
    packages: [/^node:net$/],
  },
  {
    floor: /^service\//,
    may: [
      /^service\//,
      /^address\/index\.ts$/,
      /^store\/store\.ts$/,
      /^filter\/(decide|replies|judge|date-time|client-network)\.ts$/,
      /^milter\/(simulator\/)?index\.ts$/,
      /^clock\.ts$/,
    ],
    packages: [/^node:/, /^otpauth$/],
  },
  {
    floor: /^cli\//,
    may: [
      /^cli\//,
      /^service\//,
      /^(app|config|settings|log|clock)\.ts$/,
      /^address\/index\.ts$/,
      /^filter\/replies\.ts$/,
    ],
    packages: [/^node:/, /^commander$/, /^cli-table3$/],
  },
  {
    floor: /^(config|settings)\.ts$/,
    // A bad SPEC is told with the place where it was written, so the settings know how to read one.
    may: [/^settings\.ts$/, /^milter\/index\.ts$/],
    packages: [/^node:(fs|net|path)$/, /^smol-toml$/],
  },
  { floor: /^log\.ts$/, may: [/^settings\.ts$/], packages: [/^node:fs$/, /^pino$/] },
  { floor: /^clock\.ts$/, may: [], packages: [] },
  // What the filter's process tells the console's about itself.
  { floor: /^figures\.ts$/, may: [], packages: [] },
  { floor: /^fault-log\.ts$/, may: [/^(clock|log)\.ts$/], packages: [] },
  { floor: /^admin\/schemas\.ts$/, may: [], packages: [/^typebox$/] },
  {
    floor: /^admin\//,
    may: [
      /^admin\//,
      /^service\//,
      /^address\/index\.ts$/,
      /^store\/store\.ts$/,
      /^filter\/replies\.ts$/,
      /^(clock|log|settings|figures|fault-log)\.ts$/,
    ],
    packages: [/^node:/, /^@?fastify(\/|$)/, /^typebox$/, /^prom-client$/],
  },
  // The console runs in a process of its own: `console-process.ts` starts and watches it, `console.ts` is what runs in it.
  {
    floor: /^console-process\.ts$/,
    may: [/^(config|log|figures)\.ts$/, /^milter\/index\.ts$/],
    packages: [/^node:/],
  },
  { floor: /^console\.ts$/, may: [/^(console-app|console-process|figures|log)\.ts$/], packages: [] },
  { floor: /^console-app\.ts$/, may: [/^(?!cli\/|examples\/)/], packages: [/^node:/] },
  { floor: /^app\.ts$/, may: [/^(?!cli\/|examples\/)/], packages: [/^node:/] },
]

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))

function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  return [
    ...source.matchAll(
      /^(?:import|export)\b[^'"`;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gms,
    ),
  ].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
}

describe('the page', () => {
  const page = fileURLToPath(new URL('../web/src', import.meta.url))
  const sources = readdirSync(page, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  )

  test.each(sources)('%s knows of the service only the types of its JSON', (file) => {
    for (const line of readFileSync(join(page, file), 'utf8')
      .split('\n')
      .filter((text) => /\/src\//.test(text)))
      expect(line).toMatch(
        /^import type .* from '(\.\.\/)+src\/admin\/schemas\.ts'$|^} from '(\.\.\/)+src\/admin\/schemas\.ts'$/,
      )
  })
})

describe('the floors of the house', () => {
  test.each(files)('%s imports only what its floor may', (file) => {
    const rule = FLOORS.find(({ floor }) => floor.test(file))
    expect(rule, `${file} stands on no floor: give it one in this table`).toBeDefined()
    for (const wanted of importsOf(file)) {
      const inside = wanted.startsWith('.') ? relative(root, join(root, dirname(file), wanted)) : undefined
      const allowed = inside === undefined ? rule?.packages : rule?.may
      expect(
        allowed?.some((pattern) => pattern.test(inside ?? wanted)),
        `${file} imports ${wanted}`,
      ).toBe(true)
    }
  })

  test('only the configuration reads the environment', () => {
    const readers = files.filter((file) => /process\.env\b/.test(readFileSync(join(root, file), 'utf8')))
    expect(readers).toEqual(['config.ts'])
  })

  test('only the engine speaks SQL', () => {
    const speakers = files.filter((file) =>
      /\b(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b/.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(speakers.filter((file) => !file.startsWith('store/'))).toEqual([])
  })
})
