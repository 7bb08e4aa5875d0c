// Mappings: what the postmaster manages, one tab a subject. Owners see their tokens in its place.

import type { ComponentChildren } from 'preact'
import { Link } from '../link.tsx'
import { route } from '../router.ts'
import { Audit } from './mappings/audit.tsx'
import { Domains } from './mappings/domains.tsx'
import { Keys } from './mappings/keys.tsx'
import './mappings/mappings.css'
import { People } from './mappings/people.tsx'
import { Prefixes } from './mappings/prefixes.tsx'
import { Server } from './mappings/server.tsx'
import { Tokens } from './mappings/tokens.tsx'

interface Subject {
  readonly name: string
  readonly title: string
  /** One sentence that says what it is for. */
  readonly says: string
  readonly view: () => ComponentChildren
}

const TOKENS_SAY =
  'A token lets one program make, list, extend, revoke and restore the addresses of one prefix. It sees no mailbox and no other prefix.'

const SUBJECTS: readonly Subject[] = [
  {
    name: 'prefixes',
    title: 'Prefixes',
    says: 'A prefix is the first letters of an address. It says whose mailboxes the mail goes to.',
    view: () => <Prefixes />,
  },
  {
    name: 'domains',
    title: 'Domains',
    says: 'Every address in these domains is judged here. The zone says when a day begins.',
    view: () => <Domains />,
  },
  {
    name: 'people',
    title: 'People',
    says: 'An owner sees the addresses of their own prefixes, a postmaster everything.',
    view: () => <People />,
  },
  { name: 'tokens', title: 'Tokens', says: TOKENS_SAY, view: () => <Tokens /> },
  {
    name: 'keys',
    title: 'Keys',
    says: 'A key seals addresses, so that nobody else can make one. It never leaves the server.',
    view: () => <Keys />,
  },
  {
    name: 'server',
    title: 'Server',
    says: 'What timedelay doctor finds, and what the mail server must be told.',
    view: () => <Server />,
  },
  {
    name: 'audit',
    title: 'Audit',
    says: 'Who changed what, newest first. Mail is not in this list; it is under Activity.',
    view: () => <Audit />,
  },
]

export function MappingsView() {
  const wanted = route.value.query.get('tab')
  const subject = SUBJECTS.find(({ name }) => name === wanted) ?? SUBJECTS[0]
  return (
    <>
      <div class="title">
        <h1>Mappings</h1>
        <nav class="tabs" aria-label="Subjects">
          {SUBJECTS.map(({ name, title }) => (
            <Link
              key={name}
              to="mappings"
              query={name === 'prefixes' ? {} : { tab: name }}
              class="tab"
              current={name === subject?.name}
            >
              {title}
            </Link>
          ))}
        </nav>
      </div>
      <p class="quiet mapping-says">{subject?.says}</p>
      {subject?.view()}
    </>
  )
}

export function TokensView() {
  return (
    <>
      <h1>Tokens</h1>
      <p class="quiet mapping-says">{TOKENS_SAY}</p>
      <Tokens />
    </>
  )
}
