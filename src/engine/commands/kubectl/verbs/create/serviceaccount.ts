import { generator } from './generator.ts';
import { mappings } from './mappings.ts';

/** `kubectl create serviceaccount`. */
export const createServiceAccount = generator({
  use: 'serviceaccount NAME [--dry-run=server|client|none]',
  aliases: ['sa'],
  short: 'Create a service account with the specified name',
  long: 'Create a service account with the specified name.',
  examples: '# A service account for a robot\nkubectl create serviceaccount robot',
  mapping: mappings.serviceAccounts,
  failure: 'failed to create serviceaccount: ',
  build: (_context, name) => ({ kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name } }),
});
