import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const BENCH = fileURLToPath(new URL('../../scripts/bench/run.mjs', import.meta.url))

async function bench(...options: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [BENCH, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.err += text
  })
  const [code] = await once(child, 'close')
  return { code, ...said }
}

test('the benchmark runs, finds every answer right, and prints a table with our figures', async () => {
  const { code, out, err } = await bench('--tiny', '--alone', '--only', 'a,e')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const figures = String.raw`timedelay \| +[\d.,]+ \| +– \| +[\d.]+ \| +[\d.,]+ \|`
  expect(out).toMatch(new RegExp(String.raw`\(a\) one connection, one recipient +\| ${figures}`))
  expect(out).toMatch(new RegExp(String.raw`\(e\) 64 KiB, 30 headers, all stages +\| ${figures}`))
  expect(out).toMatch(/Start to listening [\d,.]+ ms\. Memory: [\d.]+ MiB at rest/)
}, 120_000)

test('an option that it does not know is a sentence', async () => {
  expect(await bench('--only', 'z')).toMatchObject({
    code: 1,
    err: "bench: no workload 'z'; there are a, b, c, d, e, f, g, growth, micro\n",
  })
})
