import { expect, test } from 'vitest'
import { anInstallation, granted } from './installation.ts'

test('a new installation has one key, and no view of it holds the secret', async () => {
  const { keys, store } = await anInstallation()
  const [key] = granted(await keys.list())
  expect(key).toMatchObject({ id: '1', signs: true })
  const [{ secret } = { secret: Buffer.alloc(0) }] = (await store.settings()).keys
  expect(JSON.stringify([granted(await keys.list()), granted(await keys.rotate())])).not.toContain(
    secret.toString('hex'),
  )
  expect(Object.keys(key ?? {}).sort()).toEqual(['createdAt', 'id', 'signs'])
})

test('addresses outlive one rotation and not two', async () => {
  const { addresses, keys } = await anInstallation()
  const { address } = granted(await addresses.issue({ prefix: 'djb', signed: true }))
  const verdict = async () => granted(await addresses.explain(address)).verdict
  expect(granted(await keys.rotate())).toMatchObject({
    added: { id: '2' },
    kept: { id: '1' },
    dropped: undefined,
  })
  expect(await verdict()).toBe('forward')
  expect(granted(await keys.rotate())).toMatchObject({
    added: { id: '3' },
    kept: { id: '2' },
    dropped: { id: '1' },
  })
  expect(await verdict()).toBe('unknown')
})

test('the newest key signs', async () => {
  const { addresses, keys } = await anInstallation()
  const issue = async () => granted(await addresses.issue({ prefix: 'djb', signed: true })).address
  const before = await issue()
  await keys.rotate()
  expect(await issue()).not.toBe(before)
  expect(granted(await keys.list()).map(({ signs }) => signs)).toEqual([true, false])
})
