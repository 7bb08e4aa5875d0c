// What every test of the console stands on: one service and one browser for a file, windows of its own for each test,
// and nothing wrong in any of them when it ends.

import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest'
import { TestBrowser, type Visitor, type VisitorOptions } from '../support/console/browser.ts'
import { ConsoleSite, type Furnish, type SiteOptions, theUsual } from '../support/console/console.ts'

export interface Stage {
  readonly site: ConsoleSite
  readonly browser: TestBrowser
  /** A window in which nobody is signed in. */
  visit(options?: Partial<VisitorOptions>): Promise<Visitor>
  /** A window in which somebody is: the session is opened past the page. */
  as(name: string, options?: Partial<VisitorOptions>): Promise<Visitor>
}

export interface StageOptions extends SiteOptions {
  /** Fills the database before the service starts; the usual people and prefixes unless told. */
  readonly furnish?: Furnish | undefined
}

/** As `expect.poll`, with the patience that a shared machine asks for. */
export function soon<T>(look: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> {
  return expect.poll(look, { timeout: 15_000, interval: 25 })
}

/** For the whole file. The stage is there in tests and in hooks that come later. */
export function useConsole(options: StageOptions = {}): () => Stage {
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
  let stage: Stage | undefined
  beforeAll(async () => {
    const site = await ConsoleSite.prepare(options)
    const [browser] = await Promise.all([TestBrowser.launch(), furnish(site, options.furnish)])
    stage = stageOf(site, browser)
  })
  afterEach(async () => {
    expect(await stage?.browser.closeVisitors()).toEqual([])
  })
  afterAll(async () => {
    await stage?.browser.close()
    await stage?.site.remove()
  })
  return () => {
    if (stage === undefined) throw new Error('the console did not start')
    return stage
  }
}

async function furnish(site: ConsoleSite, work: StageOptions['furnish'] = theUsual): Promise<void> {
  await site.furnish(work)
  await site.service.start()
}

function stageOf(site: ConsoleSite, browser: TestBrowser): Stage {
  const visit = (more: Partial<VisitorOptions> = {}): Promise<Visitor> =>
    browser.visit({ base: site.base, ...more })
  return {
    site,
    browser,
    visit,
    as: async (name, more = {}) => visit({ cookie: await site.signIn(name), ...more }),
  }
}
