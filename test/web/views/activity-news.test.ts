import { expect, test } from 'vitest'
import { newsInWords } from '../../../web/src/views/activity/news.ts'

test.each([
  [0, 0, ''],
  [1, 0, '1 new verdict.'],
  [3, 0, '3 new verdicts.'],
  [2, 7, '7 new, not shown yet.'],
])('a screen reader hears of %i new ones while %i wait: %s', (fresh, waiting, words) => {
  expect(newsInWords(fresh, waiting)).toBe(words)
})
