// A real browser, driven over its debugging protocol. Whoever looks with it is a `Visitor`: a window of its own, with its
// own cookies, that takes down everything that must not happen on our pages.

import process from 'node:process'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type ConsoleMessage,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core'
import { CHROMIUM } from './chromium.ts'

/** Nothing but our pages may cause traffic, and the processes must not need rights that a container does not give. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--lang=en-GB',
]

/** Milliseconds that an element may take to appear; a shared machine may stand still for seconds. */
const PATIENCE = 15_000

export const WIDE = { width: 1280, height: 900 } as const
export const NARROW = { width: 390, height: 844 } as const

/** A cookie as a server sets it. */
export interface VisitorCookie {
  readonly name: string
  readonly value: string
  readonly path: string
}

export interface VisitorOptions {
  /** The root of the console, with a slash at its end. */
  readonly base: string
  readonly cookie?: VisitorCookie | undefined
  readonly size?: { readonly width: number; readonly height: number }
  readonly theme?: 'light' | 'dark'
  /** Device pixels for each pixel of the page. */
  readonly scale?: number
  readonly touch?: boolean
}

export class TestBrowser {
  readonly #browser: Browser
  readonly #visitors = new Set<Visitor>()

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  static async launch(): Promise<TestBrowser> {
    const { LANG: _, ...env } = process.env
    return new TestBrowser(
      await chromium.launch({
        executablePath: CHROMIUM,
        args: [...FLAGS],
        env: { ...(env as Record<string, string>), LANG: 'en_GB.UTF-8' },
      }),
    )
  }

  /** A window in which nobody is signed in, unless a cookie says who. */
  async visit(options: VisitorOptions): Promise<Visitor> {
    const visitor = await Visitor.open(this.#browser, options)
    this.#visitors.add(visitor)
    return visitor
  }

  /** Closes every window; what went wrong in any of them. */
  async closeVisitors(): Promise<readonly string[]> {
    const visitors = [...this.#visitors]
    this.#visitors.clear()
    await Promise.all(visitors.map((visitor) => visitor.close()))
    return visitors.flatMap(({ faults }) => faults)
  }

  close(): Promise<void> {
    return this.#browser.close()
  }
}

export class Visitor {
  readonly page: Page
  readonly context: BrowserContext
  readonly #base: string
  readonly #faults: string[] = []
  readonly #tolerated: RegExp[] = []

  private constructor(context: BrowserContext, page: Page, base: string) {
    this.context = context
    this.page = page
    this.#base = base
  }

  static async open(browser: Browser, options: VisitorOptions): Promise<Visitor> {
    const context = await browser.newContext(contextOptions(options))
    context.setDefaultTimeout(PATIENCE)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], {
      origin: new URL(options.base).origin,
    })
    if (options.cookie !== undefined) {
      const { hostname } = new URL(options.base)
      await context.addCookies([
        { ...options.cookie, domain: hostname, httpOnly: true, sameSite: 'Strict', secure: false },
      ])
    }
    const visitor = new Visitor(context, await context.newPage(), options.base)
    await visitor.#watch()
    return visitor
  }

  /** What must not have happened: script errors, complaints of the browser, policies broken, requests to others. */
  get faults(): readonly string[] {
    return this.#faults.filter((fault) => !this.#tolerated.some((pattern) => pattern.test(fault)))
  }

  /** This test provokes such a complaint: the browser reports each refusal of the service as an error. */
  tolerate(...patterns: readonly RegExp[]): void {
    this.#tolerated.push(...patterns)
  }

  /** Goes to a view by its address: 'addresses?search=lamp'. Waits until the page stands. */
  async open(place = ''): Promise<void> {
    await this.page.goto(new URL(place, this.#base).href)
    await this.page.locator('main').waitFor()
  }

  /** What was copied last in this browser. */
  copied(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText())
  }

  /** The address that stands large in the view, as one would select it. */
  hero(): Locator {
    return this.page.locator('output.address')
  }

  /** The one sentence that matters. */
  verdict(): Locator {
    return this.page.locator('.verdict')
  }

  async close(): Promise<void> {
    await this.context.close()
  }

  async #watch(): Promise<void> {
    const origin = new URL(this.#base).origin
    // Some broken policies are not reported as errors of the console.
    await this.context.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
        // biome-ignore lint/suspicious/noConsole: it runs in the page, and its console is where we listen
        console.error(`policy broken: ${violatedDirective} ${blockedURI} ${sourceFile}`),
      )
    })
    this.page.on('console', (message) => this.#heard(message))
    this.page.on('pageerror', (error) => this.#faults.push(`script: ${error.stack ?? error.message}`))
    this.context.on('request', (request) => {
      const url = new URL(request.url())
      if (url.origin !== origin) this.#faults.push(`request to another origin: ${request.url()}`)
      else if (!request.url().startsWith(this.#base)) this.#faults.push(`request outside: ${request.url()}`)
    })
  }

  #heard(message: ConsoleMessage): void {
    if (message.type() === 'error') this.#faults.push(`${message.text()} (${message.location().url})`)
  }
}

function contextOptions({ size = WIDE, theme, scale, touch }: VisitorOptions): BrowserContextOptions {
  return {
    viewport: size,
    locale: 'en-GB',
    // Not the zone of any domain in the tests: what the page says must not depend on where the reader sits.
    timezoneId: 'Pacific/Kiritimati',
    colorScheme: theme ?? 'light',
    deviceScaleFactor: scale ?? 1,
    hasTouch: touch ?? false,
  }
}
