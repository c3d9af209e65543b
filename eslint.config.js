import neostandard, { plugins, resolveIgnoresFromGitignore } from 'neostandard'

const TIME_AND_RANDOMNESS = 'time and randomness come in through src/clock.ts'

/** Type-aware rules of typescript-eslint that pay for their cost. */
const typed = {
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-for-in-array': 'error',
  '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
  '@typescript-eslint/no-unnecessary-type-assertion': 'error',
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingAny: true, allowThrowingUnknown: true }],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }]
}

const untyped = {
  '@typescript-eslint/ban-ts-comment': 'error',
  '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/no-non-null-assertion': 'off'
}

export default [
  ...neostandard({
    ts: true,
    ignores: [...resolveIgnoresFromGitignore(), '**/pb/*.ts', 'bench/node_modules']
  }),
  {
    rules: {
      'no-console': 'error',
      // the way to take the first of an iterable
      'no-unreachable-loop': ['error', { ignore: ['ForOfStatement'] }],
      // it does not see what a call in the body changes
      'no-unmodified-loop-condition': 'off',
      // the mark of a promise that is let go on purpose: no-floating-promises asks for it
      'no-void': ['error', { allowAsStatement: true }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      'no-restricted-syntax': ['error', {
        selector: 'ExportDefaultDeclaration',
        message: 'exports are named'
      }]
    }
  },
  {
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': plugins['typescript-eslint'].plugin },
    rules: untyped
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname }
    },
    rules: typed
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/clock.ts', 'src/next-task.ts'],
    rules: {
      'no-restricted-globals': ['error', ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map(name => ({
        name,
        message: TIME_AND_RANDOMNESS
      }))],
      'no-restricted-properties': ['error',
        { object: 'Date', property: 'now', message: TIME_AND_RANDOMNESS },
        { object: 'Math', property: 'random', message: TIME_AND_RANDOMNESS },
        { object: 'performance', property: 'now', message: TIME_AND_RANDOMNESS },
        { object: 'crypto', property: 'getRandomValues', message: TIME_AND_RANDOMNESS },
        { property: 'setTimeout', object: 'globalThis', message: TIME_AND_RANDOMNESS }
      ],
      'no-restricted-syntax': ['error', {
        selector: 'ExportDefaultDeclaration',
        message: 'exports are named'
      }, {
        selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
        message: TIME_AND_RANDOMNESS
      }]
    }
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...['describe', 'it', 'test'].flatMap(object =>
        ['only', 'skip', 'todo'].map(property => ({ object, property, message: 'every test runs' })))]
    }
  },
  {
    files: ['src/cli/**', 'examples/**', 'bench/**', 'scripts/**'],
    rules: { 'no-console': 'off' }
  },
  {
    files: ['*.config.*', '.dependency-cruiser.js', 'test/interop/**/*.js'],
    rules: { 'no-restricted-syntax': 'off' }
  }
]
