/**
 * Sums up vitest's JSON reports in one line. Plain JavaScript: it runs also when the
 * installation of everything else went wrong.
 */
import { existsSync, readFileSync } from 'node:fs'

let passed = 0
let failed = 0
let skipped = 0

for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    console.log(`there is no report ${file}`)
    failed++
    continue
  }

  const report = JSON.parse(readFileSync(file, 'utf8'))
  // a file that does not even load has no tests
  const broken = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)

  passed += report.numPassedTests
  failed += report.numFailedTests + broken.length
  skipped += report.numPendingTests + report.numTodoTests
}

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = passed > 0 && failed === 0 ? 0 : 1
