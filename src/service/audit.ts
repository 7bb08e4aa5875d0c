// The list of changes by people.

import type { AuditQuery, AuditRecord } from '../store/store.ts'
import type { Answer } from './answer.ts'

export class AuditService {
  /** Newest first. For postmasters. */
  list(_query: AuditQuery = {}): Promise<Answer<readonly AuditRecord[]>> {
    throw new Error('not built yet')
  }
}
