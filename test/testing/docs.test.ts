import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)

it('docs/testing.md shows the recipe that runs here', async () => {
  const docs = await readFile(new URL('docs/testing.md', root), 'utf8')
  const [, file, shown] = /<!-- recipe: (\S+) -->\n```ts\n(.*?)^```$/ms.exec(docs) ?? []
  const source = await readFile(new URL(file, root), 'utf8')
  // a reader imports from the package
  const published = source
    .replaceAll('../../src/channel/index.js', 'holdfast')
    .replaceAll(/\.\.\/\.\.\/src\/(\w+)\/index\.js/g, 'holdfast/$1')

  expect(shown).to.equal(published)
})
