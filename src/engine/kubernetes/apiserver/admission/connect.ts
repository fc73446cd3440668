import type { Draft } from '../../types.ts';
import type { RestRequest } from '../rest.ts';
import { RequestContext } from '../context.ts';
import type { Mutable } from '../resources/kind.ts';
import { converse, type Conversation } from './webhooks/conversation.ts';

/** What the options of a connection are called, by the subresource that is connected to. */
const kinds: Readonly<Record<string, string>> = {
  attach: 'PodAttachOptions',
  exec: 'PodExecOptions',
  portforward: 'PodPortForwardOptions',
};

const proxyKinds: Readonly<Record<string, string>> = {
  nodes: 'NodeProxyOptions',
  pods: 'PodProxyOptions',
  services: 'ServiceProxyOptions',
};

/** Asks admission about a connection into the cluster (the operation CONNECT). @throws ApiError to refuse it */
export async function admitConnection(request: RestRequest): Promise<void> {
  const { core } = request;
  if (!core.around.webhooks.inUse) admit(request, undefined);
  else await converse(core.around.random.uint32(), async (conversation) => admit(request, conversation));
}

function admit(
  { core, served, target, query, user, warnings }: RestRequest,
  conversation: Conversation | undefined,
): void {
  const { group, resource } = served.definition;
  const subresource = target.subresource!;
  if (core.admission.ignores(group, resource, 'CONNECT', subresource)) return;
  const kind = (subresource === 'proxy' ? proxyKinds[resource] : kinds[subresource]) ?? '';
  const container = query.get('container');
  const command = query.all('command');
  const flags = ['stdin', 'stdout', 'stderr', 'tty'].filter((name) => query.bool(name));
  const options = {
    apiVersion: 'v1',
    kind,
    metadata: {},
    ...(container !== undefined && { container }),
    ...(command.length > 0 && { command }),
    ...Object.fromEntries(flags.map((name) => [name, true])),
  };
  core.admission.validate({
    operation: 'CONNECT',
    group,
    resource,
    kind,
    subresource,
    namespace: target.namespace,
    name: target.name!,
    object: options as unknown as Mutable<Draft>,
    old: undefined,
    user,
    dryRun: false,
    context: new RequestContext(core.around, subresource, user),
    warn: (text) => void warnings.push(text),
    ...(conversation && { conversation, webhooks: core.around.webhooks }),
  });
}
