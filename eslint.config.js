import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { layersRule } from './scripts/eslint/layers.mjs';
import svelteConfig from './svelte.config.js';

const slipway = { rules: { layers: layersRule } };

/** What would make the engine depend on its host, the wall clock or chance. */
const hostGlobals = [
  'window',
  'document',
  'navigator',
  'self',
  'location',
  'localStorage',
  'indexedDB',
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'Worker',
  'MessageChannel',
  'postMessage',
  'crypto',
  'performance',
  'process',
  'Buffer',
  'require',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'queueMicrotask',
  'requestAnimationFrame',
  'CompressionStream',
  'DecompressionStream',
  'ReadableStream',
  'AbortController',
  'AbortSignal',
  'eval',
  'Function',
  'Intl',
];

export default ts.config(
  {
    ignores: [
      'build/',
      '.svelte-kit/',
      '.cache/',
      'src/lib/paraglide/',
      '**/generated/',
      'conformance/normalize*.mjs',
      'static/',
      'test-results/',
      'conformance/clients/',
    ],
  },
  ...ts.configs.recommended,
  ...svelte.configs['flat/recommended'],
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    plugins: { slipway },
    rules: {
      'slipway/layers': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-control-regex': 'off',
      'no-undef': 'off',
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
    rules: {
      // $props() can only be taken apart in one declaration, of which some names may be bindable.
      'prefer-const': ['error', { destructuring: 'all' }],
      // Addresses are made by lib/i18n.ts, which resolves them.
      'svelte/no-navigation-without-resolve': 'off',
      // Maps that nobody watches are just Maps.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    // Tests may assemble what they like, and look into answers without types.
    files: ['**/*.test.ts', '**/*.test-support.ts'],
    rules: { 'slipway/layers': 'off', '@typescript-eslint/no-explicit-any': 'off' },
  },
  {
    files: ['src/engine/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.test-support.ts', '**/*.d.ts'],
    rules: {
      'no-restricted-globals': ['error', ...hostGlobals],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Use the world’s Clock.' },
        { object: 'Math', property: 'random', message: 'Use a stream of the world’s Random.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Use the world’s Clock.' },
        { selector: 'ImportExpression', message: 'The engine imports statically (design: run queue).' },
        { selector: 'CallExpression[callee.property.name="toLocaleString"]', message: 'Depends on the host’s locale.' },
        {
          selector: 'CallExpression[callee.property.name="localeCompare"]',
          message: 'Depends on the host’s locale data: compare code units.',
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*', 'svelte', 'svelte/*', '$app/*', '$lib', '$lib/*'],
              message: 'The engine runs anywhere.',
            },
          ],
        },
      ],
    },
  },
);
