// Figures for Prometheus. Nothing here names an address, a person or a client: whoever may scrape may read all of it.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Histogram as Durations, MilterFigures } from '../figures.ts'
import type { App } from './parts.ts'

export interface MetricsParts {
  readonly figures: () => Promise<MilterFigures | undefined>
}

/** Milliseconds for which an answer of the filter's process stands: a flood of questions is one question. */
const FRESH = 1000
const HTTP_BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

type Asked = { readonly figures: MilterFigures | undefined } | 'silent'

export class Metrics {
  readonly #registry = new Registry()
  readonly #figures: MetricsParts['figures']
  readonly #requests: Histogram<'method' | 'route' | 'status'>
  #asked: { readonly at: number; readonly answer: Promise<Asked> } | undefined

  constructor({ figures }: MetricsParts) {
    this.#figures = figures
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry, prefix: 'timedelay_console_' })
    this.#requests = new Histogram({
      name: 'timedelay_http_request_seconds',
      help: 'Time to answer a request, by route.',
      labelNames: ['method', 'route', 'status'],
      buckets: HTTP_BOUNDS,
      registers,
    })
    this.#verdicts = new Counter({
      name: 'timedelay_verdicts_total',
      help: 'Recipients judged since the start, by verdict.',
      labelNames: ['verdict'],
      registers,
    })
    const gauge = (name: string, help: string) => new Gauge({ name: `timedelay_${name}`, help, registers })
    this.#up = gauge('milter_up', '1 when the filter listens and answers this console, else 0.')
    this.#connections = gauge('milter_connections', 'Open connections of the mail server.')
    this.#waiting = gauge('events_waiting', 'Verdicts that are not recorded yet.')
    this.#database = gauge('database_writable', '1 when the database can be written to, else 0.')
  }

  readonly #verdicts: Counter<'verdict'>
  readonly #up: Gauge
  readonly #connections: Gauge
  readonly #waiting: Gauge
  readonly #database: Gauge

  /** Times every request from now on. */
  observe(app: App): void {
    app.addHook('onResponse', async (request, reply) => {
      // The pattern, never the path: that may hold an address, and there would be no end of them.
      const route = request.routeOptions.url ?? 'none'
      this.#requests.observe(
        { method: request.method, route, status: reply.statusCode },
        reply.elapsedTime / 1000,
      )
    })
  }

  /** What the filter counts, at most a second old; 'silent' when it does not answer. */
  async ask(): Promise<Asked> {
    const now = performance.now()
    if (this.#asked === undefined || now - this.#asked.at > FRESH) {
      const answer = this.#figures().then(
        (figures): Asked => ({ figures }),
        (): Asked => 'silent',
      )
      this.#asked = { at: now, answer }
    }
    return this.#asked.answer
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** The text that Prometheus reads. */
  async text(writable: boolean): Promise<string> {
    const asked = await this.ask()
    const figures = asked === 'silent' ? undefined : asked.figures
    this.#database.set(writable ? 1 : 0)
    this.#up.set(figures !== undefined && figures.listening > 0 ? 1 : 0)
    this.#connections.set(figures?.connections ?? 0)
    this.#waiting.set(figures?.waiting ?? 0)
    // The filter counts from its own start, so its totals replace ours. A total of a silent filter is not 0: it is unknown.
    this.#verdicts.reset()
    for (const [verdict, count] of Object.entries(figures?.verdicts ?? {}))
      this.#verdicts.inc({ verdict }, count)
    const told =
      figures === undefined
        ? []
        : [
            counterText(
              'timedelay_events_dropped_total',
              'Verdicts that were never recorded because too many were waiting.',
              figures.dropped,
            ),
            histogramText(
              'timedelay_milter_reply_seconds',
              'Time that the filter took for a recipient or the end of a message; not how long either had waited.',
              figures.replies,
            ),
            histogramText(
              'timedelay_milter_database_seconds',
              'Time that the mail path spent in one look into the database.',
              figures.database,
            ),
          ]
    return `${await this.#registry.metrics()}${told.join('')}`
  }
}

function counterText(name: string, help: string, total: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} counter\n${name} ${total}\n`
}

/** prom-client only prints what it counted itself, and these were counted in another process. */
function histogramText(name: string, help: string, { bounds, counts, sum }: Durations): string {
  let total = 0
  const buckets = counts.map((count, at) => {
    total += count
    return `${name}_bucket{le="${bounds[at] ?? '+Inf'}"} ${total}`
  })
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...buckets]
  return `${[...lines, `${name}_sum ${sum}`, `${name}_count ${total}`].join('\n')}\n`
}
