import { compareStrings } from '../../../gotemplate/index.ts';
import { toYaml } from '../../../yaml/index.ts';
import { type ApiResource, groupVersion } from '../client/types.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, usageError } from '../framework/errors.ts';
import { printJson } from '../printers/json.ts';
import { alignColumns } from '../printers/tabwriter.ts';

const outputs = ['json', 'yaml', 'name', 'wide'];

export const apiResources: Command = {
  use: 'api-resources [flags]',
  short: 'Print the supported API resources on the server',
  examples: `# The resources that the server has
kubectl api-resources

# With their verbs and categories
kubectl api-resources -o wide

# Sorted by a column
kubectl api-resources --sort-by=name

# Those that live in a namespace
kubectl api-resources --namespaced=true

# Those that don't
kubectl api-resources --namespaced=false

# Those of one API group
kubectl api-resources --api-group=rbac.authorization.k8s.io`,
  flags: [
    { name: 'api-group', type: 'string', usage: 'Only resources of this API group.' },
    { name: 'cached', type: 'bool', usage: 'Use the cached list of resources if there is one.' },
    { name: 'categories', type: 'stringSlice', usage: 'Only resources that belong to all these categories.' },
    {
      name: 'namespaced',
      type: 'bool',
      default: true,
      usage: 'If false, only resources without a namespace; otherwise only those with one. Both if not given.',
    },
    { name: 'no-headers', type: 'bool', usage: "Don't print the line with the column headings." },
    {
      name: 'output',
      shorthand: 'o',
      type: 'string',
      usage: `Output format. One of: (${outputs.join(', ')}).`,
    },
    { name: 'show-managed-fields', type: 'bool', hidden: true, usage: 'Keep the managedFields in JSON or YAML.' },
    { name: 'sort-by', type: 'string', usage: 'Column to sort by: name or kind.' },
    { name: 'verbs', type: 'stringSlice', usage: 'Only resources that have all these verbs.' },
  ],
  async run(context) {
    const { args, flags, factory, out } = context;
    if (args.length > 0) throw usageError(context, `unexpected arguments: [${args.join(' ')}]`);
    const output = flags.string('output');
    const sortBy = flags.string('sort-by');
    if (output !== '' && !outputs.includes(output)) throw new CommandError(`--output ${output} is not available`);
    if (sortBy !== '' && sortBy !== 'name' && sortBy !== 'kind')
      throw new CommandError('--sort-by accepts only name or kind');
    const resources = sorted(
      selected(context, (await (flags.bool('cached') ? factory.cachedMapper() : factory.mapper())).resources),
      sortBy,
    );
    if (output === 'json' || output === 'yaml') {
      const list = asList(resources);
      return out(output === 'json' ? printJson(list) : toYaml(list));
    }
    if (output === 'name')
      return out(resources.map((r) => `${r.group === '' ? r.name : `${r.name}.${r.group}`}\n`).join(''));
    const isWide = output === 'wide';
    const header = [
      'NAME',
      'SHORTNAMES',
      'APIVERSION',
      'NAMESPACED',
      'KIND',
      ...(isWide ? ['VERBS', 'CATEGORIES'] : []),
    ];
    const rows = resources.map((r) => [
      r.name,
      r.shortNames.join(','),
      groupVersion(r),
      String(r.namespaced),
      r.kind,
      ...(isWide ? [r.verbs.join(','), r.categories.join(',')] : []),
    ]);
    const lines = [...(flags.bool('no-headers') ? [] : [header]), ...rows].map((cells) => `${cells.join('\t')}\n`);
    await out(alignColumns(lines.join(''), { minWidth: 6, padding: 3 }));
  },
};

/** Each resource once, in its preferred version, as far as the flags want it. */
function selected({ flags }: Context, resources: readonly ApiResource[]): ApiResource[] {
  flags.bool('show-managed-fields');
  const seen = new Set<string>();
  const has = (wanted: readonly string[], list: readonly string[]) => wanted.every((word) => list.includes(word));
  return resources.filter((r) => {
    const key = `${r.name}.${r.group}`;
    if (r.verbs.length === 0 || r.name.includes('/') || seen.has(key)) return false;
    seen.add(key);
    return (
      (!flags.changed('api-group') || r.group === flags.string('api-group')) &&
      (!flags.changed('namespaced') || r.namespaced === flags.bool('namespaced')) &&
      has(flags.strings('verbs'), r.verbs) &&
      has(flags.strings('categories'), r.categories)
    );
  });
}

function sorted(resources: readonly ApiResource[], by: string): ApiResource[] {
  const order = (a: ApiResource, b: ApiResource) => {
    if (by === 'name') return compareStrings(a.name, b.name);
    if (by === 'kind') return compareStrings(a.kind, b.kind);
    return compareStrings(a.group, b.group) || compareStrings(a.name, b.name);
  };
  return [...resources].sort(order);
}

function asList(resources: readonly ApiResource[]): object {
  return {
    apiVersion: 'v1',
    groupVersion: '',
    kind: 'APIResourceList',
    resources: resources.map((r) => ({
      name: r.name,
      singularName: r.singularName,
      namespaced: r.namespaced,
      ...(r.group === '' ? {} : { group: r.group }),
      version: r.version,
      kind: r.kind,
      verbs: r.verbs,
      ...(r.shortNames.length > 0 ? { shortNames: r.shortNames } : {}),
      ...(r.categories.length > 0 ? { categories: r.categories } : {}),
    })),
  };
}
