import type { RestMapper } from '../../client/discovery.ts';
import type { Command, Context } from '../../framework/command.ts';
import { CommandError, SilentExit } from '../../framework/errors.ts';
import { isCommandFailure } from '../../framework/failure.ts';
import { allNamespacesFlag } from '../../framework/file-flags.ts';
import {
  breakdownRule,
  compactRules,
  type LooseRule,
  ruleCells,
  ruleHeader,
  sortRules,
} from '../../describe/policy-rules.ts';
import { alignColumns } from '../../printers/tabwriter.ts';

const resourceVerbs = new Set(
  'get list watch create update patch delete deletecollection use bind impersonate * approve sign escalate attest'.split(
    ' ',
  ),
);
const urlVerbs = new Set('get put post head options delete patch *'.split(' '));

export const canI: Command = {
  use: 'can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  short: 'Check whether an action is allowed',
  long: `Asks the server whether you may do something.

VERB is a verb of the API such as 'get', 'list', 'watch' or 'delete'. TYPE is a resource type, short names and groups included; NONRESOURCEURL is a path that begins with "/"; NAME is the name of an object.`,
  examples: `# Whether I may create pods in all namespaces
kubectl auth can-i create pods --all-namespaces

# Whether I may list deployments in the current namespace
kubectl auth can-i list deployments.apps

# Whether the service account "foo" of namespace "dev" may list pods of namespace "prod"
kubectl auth can-i list pods --as=system:serviceaccount:dev:foo -n prod

# Whether I may do everything in the current namespace ("*" means all)
kubectl auth can-i '*' '*'

# Whether I may read pod logs
kubectl auth can-i get pods --subresource=log

# Whether I may read the URL /logs/
kubectl auth can-i get /logs/

# Everything I may do in namespace "foo"
kubectl auth can-i --list --namespace=foo`,
  flags: [
    allNamespacesFlag,
    { name: 'list', type: 'bool', usage: 'Show everything that is allowed.' },
    { name: 'no-headers', type: 'bool', usage: 'With --list: no column headings' },
    { name: 'quiet', shorthand: 'q', type: 'bool', usage: 'Print nothing: the exit status is the answer.' },
    { name: 'subresource', type: 'string', usage: 'Subresource such as pod/log or deployment/scale' },
  ],
  async run(context) {
    if (context.flags.bool('list')) return list(context);
    const allowed = await ask(context);
    if (!allowed) throw new SilentExit();
  },
};

interface Attributes {
  resourceAttributes?: Record<string, string>;
  nonResourceAttributes?: Record<string, string>;
}

async function ask(context: Context): Promise<boolean> {
  const { flags, factory } = context;
  const spec = await attributes(context);
  const review = await factory
    .client()
    .json<{ status?: { allowed?: boolean; reason?: string; evaluationError?: string } }>({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec },
    });
  const { allowed = false, reason, evaluationError } = review.status ?? {};
  if (!flags.bool('quiet')) {
    const why = [reason, evaluationError].filter(Boolean).map((text) => ` - ${text}`);
    await context.out(allowed ? 'yes\n' : `no${why.join('')}\n`);
  }
  return allowed;
}

async function attributes(context: Context): Promise<Attributes> {
  const { args, flags, factory } = context;
  const [verb = '', target = ''] = args;
  if (args.length !== 2)
    throw new CommandError(
      `you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.`,
    );
  const subresource = flags.string('subresource');
  const warn = (text: string) => context.err(`Warning: ${text}\n\n`);
  if (target.startsWith('/')) {
    if (subresource !== '') throw new CommandError('--subresource can not be used with NonResourceURL');
    if (!urlVerbs.has(verb)) await warn(`verb '${verb}' is not a known verb`);
    return { nonResourceAttributes: { verb, path: target } };
  }
  const slash = target.indexOf('/');
  const word = slash < 0 ? target : target.slice(0, slash);
  const mapper = await factory.mapper();
  const resource = await lookUp(mapper, word, warn);
  const allNamespaces = flags.bool('all-namespaces');
  if (resource.namespaced === false && !allNamespaces) {
    const where = resource.group === '' ? '' : ` in group '${resource.group}'`;
    await warn(`resource '${resource.resource}' is not namespace scoped${where}`);
  }
  if (!resourceVerbs.has(verb)) await warn(`verb '${verb}' is not a known verb`);
  const optional = { subresource, name: slash < 0 ? '' : target.slice(slash + 1), group: resource.group };
  return {
    resourceAttributes: {
      ...(allNamespaces ? {} : { namespace: factory.namespace().namespace }),
      verb,
      resource: resource.resource,
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== '')),
    },
  };
}

interface Target {
  group: string;
  resource: string;
  /** Undefined for a resource that the server doesn't know. */
  namespaced?: boolean;
}

async function lookUp(mapper: RestMapper, word: string, warn: (text: string) => Promise<void>): Promise<Target> {
  if (word === '*') return { group: '', resource: '*' };
  try {
    return mapper.mappingFor(word);
  } catch (error) {
    if (!isCommandFailure(error)) throw error;
    const [resource = '', ...rest] = word.split('.');
    const group = rest.join('.');
    await warn(`the server doesn't have a resource type '${resource}'${group === '' ? '' : ` in group '${group}'`}`);
    return { group, resource };
  }
}

interface RulesReview {
  status?: {
    resourceRules?: LooseRule[];
    nonResourceRules?: LooseRule[];
    incomplete?: boolean;
    evaluationError?: string;
  };
}

async function list({ args, flags, factory, out, err }: Context): Promise<void> {
  if (args.length > 0) throw new CommandError('list option must be specified with no arguments');
  const { namespace } = factory.namespace();
  const review = await factory.client().json<RulesReview>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } },
  });
  const { resourceRules = [], nonResourceRules = [], incomplete, evaluationError } = review.status ?? {};
  if (incomplete) await err(`warning: the list may be incomplete: ${evaluationError ?? ''}\n`);
  const rules = sortRules(compactRules([...resourceRules, ...nonResourceRules].flatMap(breakdownRule)));
  const rows = [...(flags.bool('no-headers') ? [] : [ruleHeader]), ...rules.map(ruleCells)];
  await out(alignColumns(rows.map((cells) => `${cells.join('\t')}\n`).join(''), { minWidth: 6, padding: 3 }));
}
