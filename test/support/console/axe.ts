// What axe finds wrong with the page as it stands: WCAG 2.2 AA and its best practices.

import axe from 'axe-core'
import type { Page } from 'playwright-core'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** All that a theme changes. */
const OF_COLOUR = ['color-contrast', 'link-in-text-block']

interface Finding {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** Everything in the light, then in the dark what depends on it. The page is left in the dark. */
export async function axeFaultsInBothThemes(page: Page): Promise<readonly string[]> {
  const light = await axeFaultsInTheLight(page)
  await show(page, 'dark')
  const dark = await axeFaults(page, { type: 'rule', values: OF_COLOUR })
  return [...light, ...dark.map((fault) => `dark: ${fault}`)]
}

export async function axeFaultsInTheLight(page: Page): Promise<readonly string[]> {
  await show(page, 'light')
  return axeFaults(page)
}

/** Colours glide from one theme to the other, and on their way nothing can be said of them. */
async function show(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.evaluate(async () => {
    const painted = () => new Promise((resolve) => requestAnimationFrame(resolve))
    await painted()
    await painted()
    const gliding = document.getAnimations().filter((animation) => animation instanceof CSSTransition)
    await Promise.allSettled(gliding.map(({ finished }) => finished))
  })
}

/** One line for each element with a fault. Runs in a world of its own: the page's policy does not let strangers in. */
async function axeFaults(
  page: Page,
  runOnly: { readonly type: 'tag' | 'rule'; readonly values: readonly string[] } = {
    type: 'tag',
    values: TAGS,
  },
): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page)
  try {
    const { frameTree } = await session.send('Page.getFrameTree')
    const { executionContextId } = await session.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
      worldName: 'axe',
    })
    const evaluate = async (expression: string): Promise<unknown> => {
      const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
        expression,
        contextId: executionContextId,
        awaitPromise: true,
        returnByValue: true,
      })
      if (exceptionDetails !== undefined)
        throw new Error(`axe: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`)
      return result.value
    }
    // The world lasts as long as the page.
    if ((await evaluate('typeof axe')) === 'undefined') await evaluate(`${axe.source}; undefined`)
    // No rule of ours looks at style sheets or films, and nobody reads the selectors.
    const options = { runOnly, resultTypes: ['violations'], preload: false, selectors: false }
    const found = await evaluate(
      `axe.run(document, ${JSON.stringify(options)}).then((results) => results.violations)`,
    )
    return (found as readonly Finding[]).flatMap(faultsOf)
  } finally {
    await session.detach()
  }
}

function faultsOf({ id, help, nodes }: Finding): readonly string[] {
  return nodes.map(({ html, failureSummary = '' }) => {
    const why = failureSummary.split('\n').slice(1).join(' ').trim()
    return `${id}: ${help} at ${html.slice(0, 160)} ${why}`
  })
}
