import { generator } from './generator.ts';
import { mappings } from './mappings.ts';

/** `kubectl create namespace`. */
export const createNamespace = generator({
  use: 'namespace NAME [--dry-run=server|client|none]',
  aliases: ['ns'],
  short: 'Create a namespace with the specified name',
  long: 'Create a namespace with the specified name.',
  examples: '# A namespace for a team\nkubectl create namespace team-a',
  mapping: mappings.namespaces,
  build: (_context, name) => ({ kind: 'Namespace', apiVersion: 'v1', metadata: { name }, spec: {}, status: {} }),
});
