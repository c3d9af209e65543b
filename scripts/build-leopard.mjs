/**
 * Compiles the SIMD kernel of Leopard and writes it, as base64, into a TypeScript file that is
 * committed. CI runs this and compares.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const folder = new URL('../src/segmentation/leopard/', import.meta.url)
const { error, stderr, binary } = await compile()

if (error != null) {
  process.stderr.write(stderr.toString())
  throw error
}

await writeFile(new URL('kernel-wasm.ts', folder), `// made from assembly/kernel.ts by scripts/build-leopard.mjs; ${binary.byteLength} bytes
export const KERNEL_WASM = '${Buffer.from(binary).toString('base64')}'
`)

async function compile () {
  let binary
  const result = await asc.main([
    'kernel.ts', '--outFile', 'kernel.wasm', '--baseDir', fileURLToPath(new URL('assembly/', folder)),
    '--runtime', 'stub', '--enable', 'simd', '-O3', '--noAssert', '--converge'
  ], { writeFile: (name, data) => { binary = data } })

  return { ...result, binary }
}
