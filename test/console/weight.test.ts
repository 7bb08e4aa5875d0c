// What a browser must load before anything is seen.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

const web = fileURLToPath(new URL('../../dist/web', import.meta.url))
const assets = readdirSync(join(web, 'assets'))

function zipped(ending: string): number {
  const sizes = assets
    .filter((name) => name.endsWith(ending))
    .map((name) => gzipSync(readFileSync(join(web, 'assets', name))).length)
  return sizes.reduce((sum, size) => sum + size, 0)
}

it('the script is smaller than 60 kB, and the style than 12 kB, as they travel', () => {
  expect(zipped('.js')).toBeGreaterThan(0)
  expect(zipped('.js')).toBeLessThan(60_000)
  expect(zipped('.css')).toBeLessThan(12_000)
})

it('the page names nothing outside of itself, and has no script or style inside', () => {
  const page = readFileSync(join(web, 'index.html'), 'utf8')
  expect(page).not.toMatch(/https?:\/\//)
  expect(page).not.toMatch(/<style|style=|onload=/)
  for (const [, inside] of page.matchAll(/<script[^>]*>([^<]*)<\/script>/g)) expect(inside).toBe('')
})
