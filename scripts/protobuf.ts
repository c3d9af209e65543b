/**
 * Generates the codec beside every .proto file in a pb folder of src. CI runs it and expects no change.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

const files = globSync('src/**/pb/*.proto').sort()
const { status } = spawnSync('protons', files, { stdio: 'inherit' })

process.exitCode = status ?? 1
