import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { curlFor } from '../../src/admin/docs-examples.ts'
import { sharedConsole } from './console.ts'

const shared = sharedConsole()

/** What a web server keeps from the world is asked on the machine itself. */
const baseOf = (url: string) =>
  /^\/(readyz|metrics)/.test(url) ? 'http://127.0.0.1:8896' : 'https://td.example.com'

test('the README has the line of curl for each action that the page of the API shows', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const actions = shared().routes.routes.filter(({ url }) => /^\/(api|healthz|readyz|metrics)/.test(url))
  for (const { url, methods } of actions) {
    for (const method of methods.filter((one) => one !== 'HEAD')) {
      const line = curlFor(method, url.replace(/:(\w+)/g, '{$1}'), baseOf(url))
      expect(line, `${method} ${url}`).toBeDefined()
      expect(readme).toContain(`${line}\n`)
    }
  }
})
