/**
 * The layers of the library, lowest first, and what each may import beside itself. Everything
 * may import the base. Type imports count: they are dependencies of the published types.
 */
const BASE = '^src/(?!index)[^/]+\\.ts$|^src/storage/'
const CORES = ['segmentation', 'sds', 'ratelimit', 'encryption']

const folder = (...names) => `^src/(${names.join('|')})/`

/** The seams that the channel knows of layers it does not depend on. */
/** what a channel may import of its surroundings: their types, and how names are derived; never what loads libp2p */
const SEAMS = '^src/(exchange|discovery)/(types|errors|namespace)\\.ts$'

const LIBRARY = [...CORES, 'messaging', 'exchange', 'rendezvous', 'discovery', 'channel']

const LAYERS = {
  segmentation: [],
  sds: [],
  ratelimit: [],
  encryption: [],
  messaging: [],
  exchange: [],
  rendezvous: [],
  discovery: [folder('rendezvous')],
  channel: [folder(...CORES, 'messaging'), SEAMS],
  testing: [folder(...LIBRARY)],
  node: [folder(...LIBRARY)],
  cli: [folder(...LIBRARY, 'node')]
}

/** Packages that a core must not load. `@libp2p/interface`, `crypto` and `peer-id` are small. */
const LIBP2P_ITSELF = '^node_modules/(libp2p|@libp2p/(gossipsub|identify|noise|ping|tcp|utils|websockets|yamux)|@chainsafe/)'

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: { pathNot: '^node_modules' },
      to: { circular: true }
    },
    {
      name: 'resolvable',
      comment: 'a typo, or a package that package.json does not list',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true }
    },
    {
      name: 'listed',
      comment: 'what the library imports at run time is in its dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'undetermined'], dependencyTypesNot: ['type-only'] }
    },
    {
      name: 'base-imports-nothing',
      severity: 'error',
      from: { path: BASE },
      to: { path: '^src/', pathNot: BASE }
    },
    ...Object.entries(LAYERS).map(([name, below]) => ({
      name: `${name}-imports-down`,
      comment: 'imports point down only, and siblings do not import each other',
      severity: 'error',
      from: { path: folder(name) },
      to: { path: '^src/', pathNot: [BASE, folder(name), ...below] }
    })),
    {
      name: 'root-is-not-the-cli',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: folder('cli') }
    },
    {
      name: 'layer-is-known',
      comment: 'a new folder of src/ needs its place in this file',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: [BASE, folder(...Object.keys(LAYERS))] }
    },
    {
      name: 'cores-without-libp2p',
      severity: 'error',
      from: { path: folder(...CORES) },
      to: { path: LIBP2P_ITSELF, reachable: true }
    },
    {
      name: 'no-node-built-ins',
      comment: 'the library runs in browsers; types of theirs are gone after compilation',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(node|cli)/', '^src/storage/open\\.ts$'] },
      to: { dependencyTypes: ['core'], preCompilationOnly: false }
    }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default']
    }
  }
}
