import { CommandError } from '../../framework/errors.ts';
import { generator } from './generator.ts';
import { mappings } from './mappings.ts';
import { policyRules, ruleFlags, ruleOf } from './rbac.ts';

/** What can be done with a path that is no resource. */
const nonResourceVerbs = ['*', 'get', 'put', 'post', 'head', 'options', 'delete', 'patch'];

/** `kubectl create clusterrole`. */
export const createClusterRole = generator({
  use: 'clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]',
  short: 'Create a cluster role',
  long: 'Create a cluster role.',
  examples: `# Reading Pods in all namespaces
kubectl create clusterrole reader --verb=get,list,watch --resource=pods

# A path that is no resource
kubectl create clusterrole logs --verb=get --non-resource-url=/logs/*

# Put together from others
kubectl create clusterrole monitoring --aggregation-rule="rbac.example.com/aggregate-to-monitoring=true"`,
  flags: [
    ...ruleFlags,
    {
      name: 'aggregation-rule',
      type: 'stringToString',
      usage: 'Labels of the cluster roles that this one is put together from.',
    },
    { name: 'non-resource-url', type: 'stringSlice', usage: 'Paths that the rule is for.' },
  ],
  mapping: mappings.clusterRoles,
  build: async (context, name) => {
    const { flags } = context;
    const head = { kind: 'ClusterRole', apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name } };
    const aggregation = flags.map('aggregation-rule');
    const urls = flags.strings('non-resource-url');
    if (Object.keys(aggregation).length > 0) {
      if (['verb', 'resource', 'resource-name', 'non-resource-url'].some((f) => flags.strings(f).length > 0))
        throw new CommandError(
          'aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames',
        );
      return { ...head, rules: null, aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregation }] } };
    }
    if (flags.strings('verb').length > 0 && flags.strings('resource').length === 0 && urls.length === 0)
      throw new CommandError('one of resource or nonResourceURL must be specified');
    const rule = await ruleOf(context, { resourcesRequired: urls.length === 0 });
    if (urls.length > 0)
      for (const verb of rule.verbs)
        if (!nonResourceVerbs.includes(verb)) throw new CommandError(`invalid verb: '${verb}' for nonResourceURL`);
    for (const url of urls) {
      if (!url.startsWith('/')) throw new CommandError('nonResourceURL should start with /');
      if (url !== '*' && /\*./.test(url))
        throw new CommandError('nonResourceURL only supports wildcard matches when they are at the end');
    }
    return {
      ...head,
      rules: [...policyRules(rule), ...(urls.length > 0 ? [{ verbs: rule.verbs, nonResourceURLs: urls }] : [])],
    };
  },
});
