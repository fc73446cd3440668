import { generator } from './generator.ts';
import { mappings } from './mappings.ts';
import { policyRules, ruleFlags, ruleOf } from './rbac.ts';

/** `kubectl create role`. */
export const createRole = generator({
  use: 'role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]',
  short: 'Create a role with single rule',
  long: 'Create a role with a single rule.',
  examples: `# Reading Pods
kubectl create role reader --verb=get --verb=list --verb=watch --resource=pods

# Of a group, and a subresource
kubectl create role scaler --verb=update --resource=deployments.apps/scale`,
  flags: ruleFlags,
  mapping: mappings.roles,
  build: async (context, name) => ({
    kind: 'Role',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    metadata: { name },
    rules: policyRules(await ruleOf(context, { resourcesRequired: true })),
  }),
});
