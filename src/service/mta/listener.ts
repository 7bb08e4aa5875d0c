// Which of our listeners a mail server should be given, and whether its address survives that server's syntax.

import { formatSocketSpec, parseSocketSpec, type SocketSpec } from '../../milter/index.ts'
import type { Installation, NoConfiguration } from './configuration.ts'

/**
 * Characters that mean the same in a shell, in m4, in an X line and in main.cf. A blank, a comma, a quote or a brace
 * ends the address early in at least one of them.
 */
const PLAIN = /^[A-Za-z0-9._:@/[\]+-]+$/

/** The listeners of the installation, or the sentence that says why there is no configuration for them. */
export function usableListeners(installation: Installation): readonly SocketSpec[] | NoConfiguration {
  if (installation.domains.length === 0) {
    return refused('There is no domain yet: add one first, as in "timedelay domain add td.example.com".')
  }
  if (installation.listeners.length === 0) {
    return refused('The milter does not listen anywhere: name a socket, as in --milter inet:8895@127.0.0.1.')
  }
  const specs = installation.listeners.map(parseSocketSpec)
  for (const spec of specs) {
    const text = formatSocketSpec(spec)
    if (spec.kind !== 'unix' && spec.port === 0) {
      return refused(
        `${text} takes another port at every start: give the milter a fixed one, as in inet:8895@127.0.0.1.`,
      )
    }
    if (!PLAIN.test(text)) {
      return refused(
        `A mail server would misread the socket ${JSON.stringify(text)}: choose a path of letters, digits and . _ + - only.`,
      )
    }
    if (spec.kind === 'unix' && !spec.path.startsWith('/')) {
      return refused(
        `${text} depends on the folder the service is started in: give the milter a path that begins with /.`,
      )
    }
  }
  return specs
}

export function refused(says: string): NoConfiguration {
  return { kind: 'refused', says }
}

/** What to say about the listeners that were not chosen. */
export function otherListeners(chosen: SocketSpec, all: readonly SocketSpec[]): readonly string[] {
  const others = all.filter((spec) => spec !== chosen).map(formatSocketSpec)
  if (others.length === 0) return []
  return [`The milter also listens on ${others.join(' and ')}; the server needs one of them only.`]
}

/** Whole seconds a server should wait for one answer: three times what we take at most, and 30 at least. */
export function replySeconds(handlerDeadline: number): number {
  return Math.max(30, Math.ceil((3 * handlerDeadline) / 1000))
}
