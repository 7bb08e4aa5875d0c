// Who counts as one client of the console and the API: the same networks as at the mail server's door.

import { networksOf } from '../filter/client-network.ts'

/** The network of a client's address: a subscriber has a whole /64 of IPv6. What is no address stands for itself. */
export function networkOf(client: string): string {
  return networksOf(client)[0] ?? client
}
