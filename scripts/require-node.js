// Plain old syntax on purpose: this has to run on whatever Node.js there is.
const major = parseInt(process.versions.node, 10)

if (major < 22) {
  process.stderr.write('holdfast needs Node.js 22 or newer, this is ' + process.versions.node + ': run `npm ci` first, it brings one for npm scripts where the platform has a build\n')
  process.exit(1)
}
