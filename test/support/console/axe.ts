// What axe finds wrong with the page as it stands: WCAG 2.2 AA and its best practices.

import axe from 'axe-core'
import type { Page } from 'playwright-core'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Finding {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** One line for each element with a fault. Runs in a world of its own: the page's policy does not let strangers in. */
export async function axeFaults(page: Page): Promise<readonly string[]> {
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
    await evaluate(`${axe.source}; undefined`)
    const options = { runOnly: { type: 'tag', values: TAGS }, resultTypes: ['violations'] }
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
