// Addresses: made, found, explained, changed, exported and imported.

import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { access } from '../access.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import type { App, Parts } from '../parts.ts'
import { patiently } from '../patience.ts'
import { ensure, refuse } from '../problems.ts'
import {
  AddressChange,
  AddressPage,
  AddressParams,
  AddressQuery,
  AddressView,
  AddressWishes,
  ExplainRequest,
  Explanations,
  Extension,
  ImportResult,
  MadeAddresses,
  PageQuery,
  StillTrying,
} from '../schemas.ts'
import { addressView, explainView, madeAddressView, senderView } from '../views.ts'

/** Rows of a page, unless the request says. */
const ROWS = 50
/** Bytes of a file to import: the export of 200,000 addresses. */
const IMPORT = 32 * 1024 * 1024
const tags = ['Addresses']

export function addressRoutes(app: App, { gate }: Parts): void {
  const config = access('person')
  const made = { 200: MadeAddresses, 201: MadeAddresses }

  app.post(
    '/console/addresses/preview',
    {
      config,
      schema: { tags, summary: 'What would be made; stores nothing', body: AddressWishes, response: made },
    },
    async (request) => {
      const addresses = ensure(await gate.desk(request).addresses.preview(request.body))
      return { addresses: addresses.map(madeAddressView) }
    },
  )

  app.post(
    '/console/addresses',
    { config, schema: { tags, summary: 'Make one address or several', body: AddressWishes, response: made } },
    async (request, reply) => {
      const addresses = ensure(await gate.desk(request).addresses.issueSeveral(request.body))
      return reply.code(201).send({ addresses: addresses.map(madeAddressView) })
    },
  )

  app.get(
    '/console/addresses',
    {
      config,
      schema: {
        tags,
        summary: 'Addresses with a record',
        querystring: AddressQuery,
        response: { 200: AddressPage },
      },
    },
    async (request) => {
      const page = ensure(await gate.desk(request).book.page({ limit: ROWS, ...request.query }))
      return { total: page.total, counts: { ...page.counts }, rows: page.rows.map(addressView) }
    },
  )

  app.get(
    '/console/addresses.csv',
    {
      config,
      schema: {
        tags,
        summary: 'The same as a table (CSV)',
        querystring: AddressQuery,
        produces: ['text/csv'],
      },
    },
    async (request, reply) => {
      const pieces = ensure(await gate.desk(request).book.exportCsv(request.query))
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="addresses.csv"')
        .send(Readable.from(patiently(pieces)))
    },
  )

  app.post(
    '/console/addresses/import',
    {
      config,
      bodyLimit: IMPORT,
      onRequest: oneAtATime('Another import is being read. Try again when it has ended.'),
      schema: {
        tags,
        summary: 'Take over such a table',
        consumes: ['text/csv'],
        response: { 200: ImportResult },
      },
    },
    async (request) => {
      if (typeof request.body !== 'string') throw refuse(415, 'The body must be a table: send text/csv.')
      return ensure(await gate.desk(request).book.importCsv(request.body))
    },
  )

  app.patch(
    '/console/addresses/:address',
    {
      config,
      schema: {
        tags,
        summary: 'Give an address a note or a site',
        params: AddressParams,
        body: AddressChange,
        response: { 200: AddressView },
      },
    },
    async (request) => {
      const { address } = request.params
      ensure(await gate.desk(request).addresses.annotate(address, request.body))
      return shown(request, address)
    },
  )

  app.post(
    '/console/addresses/:address/extend',
    {
      config,
      schema: {
        tags,
        summary: 'Let it work through a day',
        params: AddressParams,
        body: Extension,
        response: { 200: AddressView },
      },
    },
    async (request) => {
      const { address } = request.params
      ensure(await gate.desk(request).addresses.extend(address, request.body.until))
      return shown(request, address)
    },
  )

  const change = (summary: string) => ({
    config,
    schema: {
      tags,
      summary,
      params: AddressParams,
      response: { 200: AddressView },
    },
  })
  app.post('/console/addresses/:address/revoke', change('Refuse its mail from now on'), async (request) => {
    const { address } = request.params
    ensure(await gate.desk(request).addresses.revoke(address))
    return shown(request, address)
  })
  app.post('/console/addresses/:address/restore', change('Take a revocation back'), async (request) => {
    const { address } = request.params
    ensure(await gate.desk(request).addresses.restore(address))
    return shown(request, address)
  })

  app.get(
    '/console/still-trying',
    {
      config,
      schema: {
        tags,
        summary: 'Ended or revoked, and still written to',
        querystring: PageQuery,
        response: { 200: StillTrying },
      },
    },
    async (request) => {
      const { total, rows } = await gate.desk(request).book.stillTrying({ limit: ROWS, ...request.query })
      return {
        total,
        rows: rows.map((row) => ({ ...addressView(row), senders: row.senders.map(senderView) })),
      }
    },
  )

  app.post(
    '/console/explain',
    {
      config,
      schema: { tags, summary: 'What addresses mean', body: ExplainRequest, response: { 200: Explanations } },
    },
    async (request) => {
      const explanations = ensure(await gate.desk(request).addresses.explainText(request.body.text))
      return { explanations: explanations.map(explainView) }
    },
  )

  async function shown(request: FastifyRequest, address: string): Promise<AddressView> {
    return addressView(ensure(await gate.desk(request).book.show(address)))
  }
}
