// Nothing can be made yet: what a prefix is, and who can give one.

import { Link } from '../../link.tsx'
import { Teach } from '../../notice.tsx'
import { isPostmaster } from '../../state.ts'

export function NoPrefix() {
  if (!isPostmaster.value)
    return (
      <Teach title="No prefix is yours yet.">
        A prefix is the first letters of your addresses. The postmaster can give you one.
      </Teach>
    )
  return (
    <Teach title="There is no prefix yet." action={<Link to="mappings">Add a prefix</Link>}>
      A prefix is the first letters of an address. It says whose mailboxes the mail goes to.
    </Teach>
  )
}
