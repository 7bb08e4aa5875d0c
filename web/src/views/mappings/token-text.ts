// What to type into a password manager so that it makes addresses here. The words are those of the programs' own
// settings (alias contracts A and B).

export interface TokenUse {
  readonly program: string
  /** Where its settings hide. */
  readonly where: string
  /** Label in the program, and what belongs there. */
  readonly fields: readonly (readonly [label: string, value: string])[]
}

/** `token` only right after it was made: it is shown once. */
export function tokenUses(server: string, domain: string, token = 'your token'): TokenUse[] {
  const url = server.replace(/\/+$/, '')
  return [
    {
      program: 'Bitwarden',
      where: 'Generator, Username, Forwarded email alias',
      fields: [
        ['Service', 'addy.io'],
        ['Email domain', domain],
        ['API access token', token],
        ['Self-host server URL', url],
      ],
    },
    {
      program: 'Bitwarden, the second way',
      where: 'Generator, Username, Forwarded email alias',
      fields: [
        ['Service', 'SimpleLogin'],
        ['API key', token],
        ['Self-host server URL', url],
      ],
    },
    {
      program: 'Keyguard',
      where: 'Settings, Email relay, addy.io',
      fields: [
        ['Email domain', domain],
        ['API access token', token],
        ['Server URL', url],
      ],
    },
    {
      program: 'addy.io extension',
      where: 'Change instance',
      fields: [
        ['Instance', url],
        ['API key', token],
      ],
    },
    {
      program: 'Vaultwarden',
      where: 'The environment of its server',
      fields: [['ALLOWED_CONNECT_SRC', url]],
    },
  ]
}
