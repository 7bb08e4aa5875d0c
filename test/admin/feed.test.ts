import { describe, expect, onTestFinished, test } from 'vitest'
import type { Day, DomainName, PrefixName } from '../../src/address/index.ts'
import { type Browser, Console, NOON, TD } from './console.ts'

/** One browser's view of the stream. */
class Looker {
  text = ''
  ended = false
  readonly #more: (() => void)[] = []

  static async open(base: string, browser: Browser, headers: Record<string, string> = {}): Promise<Looker> {
    const end = new AbortController()
    onTestFinished(() => end.abort())
    const answer = await fetch(`${base}/console/activity/stream`, {
      headers: { cookie: browser.cookie ?? '', ...headers },
      signal: end.signal,
    })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(answer.headers.get('x-accel-buffering')).toBe('no')
    expect(answer.headers.get('cache-control')).toBe('no-store, no-transform')
    const looker = new Looker()
    void looker.#read(answer)
    await looker.sees(/^: here\n/)
    return looker
  }

  async #read(answer: Response): Promise<void> {
    const decoder = new TextDecoder()
    try {
      for await (const chunk of answer.body ?? []) {
        this.text += decoder.decode(chunk as Uint8Array, { stream: true })
        this.#tell()
      }
    } catch {
      // The test is over.
    }
    this.ended = true
    this.#tell()
  }

  #tell(): void {
    for (const wake of this.#more.splice(0)) wake()
  }

  async sees(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      if (this.ended) throw new Error(`it ended without ${pattern}: ${this.text}`)
      await new Promise<void>((wake) => this.#more.push(wake))
    }
  }

  async end(): Promise<void> {
    while (!this.ended) await new Promise<void>((wake) => this.#more.push(wake))
  }

  get recipients(): string[] {
    return [...this.text.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json).recipient)
  }
}

let count = 0
function event(prefix: string, verdict = 'forward', sender = 'a@shop.example') {
  count += 1
  return {
    at: NOON,
    day: 20_779 as Day,
    queueId: '',
    client: '192.0.2.1',
    sender,
    recipient: `${prefix}${count}@${TD}`,
    domain: TD as DomainName,
    prefix: prefix as PrefixName,
    localPart: undefined,
    verdict,
  }
}

async function aConsole(): Promise<{ readonly console: Console; readonly base: string }> {
  const console = await Console.open({ pollEvery: 10 })
  await console.furnish()
  return { console, base: await console.listen() }
}

describe('the live view', () => {
  test('shows each verdict once, as it happens, with its number', async () => {
    const { console, base } = await aConsole()
    await console.store.record([event('djb')])
    const looker = await Looker.open(base, await console.signIn('ada'))
    const [first, second] = [event('djb'), event('joe', 'expired', '"<script>\r\ndata: x"@evil.example')]
    await console.store.record([first, second])
    await looker.sees(new RegExp(second.recipient))
    expect(looker.recipients).toEqual([first.recipient, second.recipient])
    expect(looker.text).toMatch(/^id: 3\ndata: \{.*\}\n\n/m)
    const [, json = ''] = /^id: 3\ndata: (.*)$/m.exec(looker.text) ?? []
    expect(JSON.parse(json)).toMatchObject({ verdict: 'expired', code: 551, sender: second.sender })
  })

  test('shows an owner what concerns the own prefixes, and nothing else', async () => {
    const { console, base } = await aConsole()
    const looker = await Looker.open(base, await console.signIn('dan'))
    const [theirs, own] = [event('joe'), event('djb')]
    await console.store.record([theirs, own])
    await looker.sees(new RegExp(own.recipient))
    expect(looker.recipients).toEqual([own.recipient])
  })

  test('goes on where a browser was that comes back', async () => {
    const { console, base } = await aConsole()
    const events = [event('djb'), event('djb'), event('djb')]
    await console.store.record(events)
    const looker = await Looker.open(base, await console.signIn('dan'), { 'last-event-id': '1' })
    await looker.sees(new RegExp(events[2]?.recipient ?? ''))
    expect(looker.recipients).toEqual([events[1]?.recipient, events[2]?.recipient])
  })

  test('sends many at once without losing one', async () => {
    const { console, base } = await aConsole()
    const looker = await Looker.open(base, await console.signIn('dan'))
    const events = Array.from({ length: 700 }, () => event('djb'))
    await console.store.record(events)
    await looker.sees(new RegExp(events.at(-1)?.recipient ?? ''))
    expect(looker.recipients).toEqual(events.map(({ recipient }) => recipient))
  })

  test('ends with the session', async () => {
    const { console, base } = await aConsole()
    const [here, there] = [await console.signIn('dan'), await console.signIn('dan')]
    const looker = await Looker.open(base, here)
    const other = await Looker.open(base, there)
    await here.delete('/console/session')
    await looker.end()
    expect(other.ended).toBe(false)
    await there.delete('/console/sessions')
    await other.end()
  })

  test('ends when the person is switched off', async () => {
    const { console, base } = await aConsole()
    const looker = await Looker.open(base, await console.signIn('dan'))
    const ada = await console.signIn('ada')
    await ada.patch('/console/people/dan', { enabled: false })
    await looker.end()
  })

  test('has room for 200, says so to the next, and is held by nobody alone', async () => {
    const { console, base } = await aConsole()
    const browser = await console.signIn('dan')
    const end = new AbortController()
    onTestFinished(() => end.abort())
    const open = () =>
      fetch(`${base}/console/activity/stream`, {
        headers: { cookie: browser.cookie ?? '' },
        signal: end.signal,
      })
    // Held on to: fetch ends the stream of an answer that is collected.
    const streams: Response[] = []
    while (streams.length < 200) streams.push(await open())
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]))
    const refused = await open()
    expect(refused.status).toBe(503)
    // Whoever has none yet gets one of those that the other has.
    const looker = await Looker.open(base, await console.signIn('ada'))
    await streams[0]?.text()
    expect(looker.ended).toBe(false)
    expect((await open()).status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('30')
    expect((await browser.get('/console/addresses')).statusCode).toBe(200)
  })

  test('is open to nobody without a session', async () => {
    const { base } = await aConsole()
    expect((await fetch(`${base}/console/activity/stream`)).status).toBe(401)
  })

  test('survives a database that fails for a while', async () => {
    const { console, base } = await aConsole()
    const looker = await Looker.open(base, await console.signIn('dan'))
    const { newest } = console.services.activity
    console.services.activity.newest = () => Promise.reject(new Error('gone'))
    await new Promise((resume) => setTimeout(resume, 50))
    console.services.activity.newest = newest
    const own = event('djb')
    await console.store.record([own])
    await looker.sees(new RegExp(own.recipient))
  })
})
