import { canonicalQuantity } from '../../../../kubernetes/apimachinery/quantity.ts';
import { CommandError } from '../../framework/errors.ts';
import { generator } from './generator.ts';
import { mappings } from './mappings.ts';

/** `kubectl create quota`. */
export const createQuota = generator({
  use: 'quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]',
  aliases: ['resourcequota'],
  short: 'Create a quota with the specified name',
  long: 'Create a resource quota with the specified name, hard limits and optional scopes.',
  examples: `# Limits for a namespace
kubectl create quota limits --hard=cpu=1,memory=1G,pods=2,services=3

# Only for Pods of best effort
kubectl create quota best-effort --hard=pods=100 --scopes=BestEffort`,
  flags: [
    { name: 'hard', type: 'string', usage: 'Limits: resource=quantity pairs, separated by commas.' },
    { name: 'scopes', type: 'string', usage: 'Scopes that the quota is for, separated by commas.' },
  ],
  mapping: mappings.resourceQuotas,
  failure: 'failed to create quota: ',
  build: ({ flags }, name) => {
    const hard = resourceList(flags.string('hard'));
    const scopes = flags.string('scopes') === '' ? [] : flags.string('scopes').split(',');
    if (scopes.some((scope) => scope === '')) throw new CommandError('invalid resource quota scope ""');
    return {
      kind: 'ResourceQuota',
      apiVersion: 'v1',
      metadata: { name },
      spec: { ...(hard ? { hard } : {}), ...(scopes.length > 0 ? { scopes } : {}) },
      status: {},
    };
  },
});

/** `cpu=1,memory=1G`. @throws CommandError */
export function resourceList(text: string): Record<string, string> | undefined {
  if (text === '') return undefined;
  const list: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const parts = pair.split('=');
    if (parts.length !== 2) throw new CommandError(`Invalid argument syntax ${pair}, expected <resource>=<value>`);
    try {
      list[parts[0]!] = canonicalQuantity(parts[1]!);
    } catch (error) {
      throw new CommandError((error as Error).message);
    }
  }
  return Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
}
