import type { IPod } from 'kubernetes-models/v1/Pod';
import { deepCopy } from '../../../kubernetes/apimachinery/json.ts';
import { strategicMergePatch, typeForKind } from '../../../kubernetes/schema/index.ts';
import { FsError } from '../../../world/index.ts';
import { loadYaml, YamlError } from '../../../yaml/index.ts';
import type { ApiObject, RestMapping } from '../client/types.ts';
import {
  openNode,
  profiles,
  secure,
  trimCopy,
  type ContainerSpec,
  type DebugStyle,
  type PodSpec,
} from '../debug/profiles.ts';
import { live, type Live, wellKnown } from '../describe/describer.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, usageError } from '../framework/errors.ts';
import { filenameFlags } from '../framework/file-flags.ts';
import { completeResources } from '../framework/completion.ts';
import { attachOrLog, debugContainerName, randomSuffix, statusOf, waitForPod } from '../workloads/attach.ts';

const onlyCopies = "(This flag only works when used with '--copy-to')";

export const debug: Command = {
  use: 'debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]',
  short: 'Create debugging sessions for troubleshooting workloads and nodes',
  long: `Looks into a workload or a node with tools that it lacks itself: a container is added to a running pod, a copy of a
pod is made with changes, or a pod is started in a node's namespaces, with its files at /host.`,
  examples: `# A shell beside the containers of the pod mypod
kubectl debug mypod -it --image=busybox

# With the name "debugger" and another image
kubectl debug --image=myproj/debug-tools -c debugger mypod

# A copy of mypod with one more container, attached to
kubectl debug mypod -it --image=busybox --copy-to=my-debugger

# A copy with another command for the container mycontainer
kubectl debug mypod -it --copy-to=my-debugger --container=mycontainer -- sh

# A copy with other images
kubectl debug mypod --copy-to=my-debugger --set-image=app=app:debug,sidecar=sidecar:debug

# A pod on a node, in the host's namespaces
kubectl debug node/mynode -it --image=busybox`,
  flags: [
    {
      name: 'arguments-only',
      type: 'bool',
      usage: 'What follows -- becomes the args of the container, not its command.',
    },
    { name: 'attach', type: 'bool', usage: 'Wait for the container and attach to it; the default with --stdin.' },
    { name: 'container', shorthand: 'c', type: 'string', usage: 'Name of the debug container.' },
    { name: 'copy-to', type: 'string', usage: 'Make a copy of the pod with this name.' },
    {
      name: 'custom',
      type: 'string',
      usage: 'File with a part of a container spec that is merged into what the profile gives.',
    },
    { name: 'env', type: 'stringToString', usage: 'Environment variables of the container.' },
    ...filenameFlags('to debug').filter((flag) => flag.name === 'filename'),
    { name: 'image', type: 'string', usage: 'Image of the debug container.' },
    { name: 'image-pull-policy', type: 'string', usage: "When to pull the image; the server's default if not given." },
    { name: 'keep-annotations', type: 'bool', usage: `Keep the annotations of the pod.${onlyCopies}` },
    { name: 'keep-init-containers', type: 'bool', default: true, usage: `Run the init containers.${onlyCopies}` },
    { name: 'keep-labels', type: 'bool', usage: `Keep the labels of the pod.${onlyCopies}` },
    { name: 'keep-liveness', type: 'bool', usage: `Keep the liveness probes.${onlyCopies}` },
    { name: 'keep-readiness', type: 'bool', usage: `Keep the readiness probes.${onlyCopies}` },
    { name: 'keep-startup', type: 'bool', usage: `Keep the startup probes.${onlyCopies}` },
    {
      name: 'profile',
      type: 'string',
      default: 'legacy',
      usage: 'One of "legacy", "general", "baseline", "netadmin", "restricted" or "sysadmin".',
    },
    { name: 'quiet', shorthand: 'q', type: 'bool', usage: 'Say nothing about what is done.' },
    { name: 'replace', type: 'bool', usage: "With '--copy-to', delete the pod that is copied." },
    { name: 'same-node', type: 'bool', usage: "With '--copy-to', put the copy on the node of the pod." },
    {
      name: 'set-image',
      type: 'stringToString',
      usage: "With '--copy-to', new images as name=image; * is any container.",
    },
    {
      name: 'share-processes',
      type: 'bool',
      default: true,
      usage: "With '--copy-to', let the containers of the copy see each other's processes.",
    },
    { name: 'stdin', shorthand: 'i', type: 'bool', usage: 'Keep stdin of the container open.' },
    { name: 'target', type: 'string', usage: 'Share the processes of this container.' },
    { name: 'tty', shorthand: 't', type: 'bool', usage: 'Give the container a terminal.' },
  ],
  complete: completeResources,
  run,
};

interface Request {
  context: Context;
  command: readonly string[];
  profile: string;
  custom: Record<string, unknown> | undefined;
}

interface Session {
  pod: Live<IPod>;
  container: string;
}

async function run(context: Context): Promise<void> {
  const { args, flags, dashAt, factory } = context;
  const names = dashAt === undefined ? args : args.slice(0, dashAt);
  const command = dashAt === undefined ? [] : args.slice(dashAt);
  const profile = flags.string('profile');
  const filenames = flags.strings('filename');
  validate(context, names, filenames);
  const custom = readCustom(context);
  if (profile === 'legacy')
    await context.err(
      '--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example "--profile=general".\n',
    );
  const { namespace, explicit } = factory.namespace();
  const builder = factory.builder().namespaceParam(namespace).defaultNamespace();
  if (filenames.length > 0) builder.filenameParam(explicit, { filenames });
  const plain = names.filter((name) => !name.includes('/'));
  if (plain.length === names.length) builder.resourceNames('pods', ...plain);
  else builder.resourceTypeOrNameArgs(true, names);
  const request: Request = { context, command, profile, custom };
  const attaches = flags.changed('attach') ? flags.bool('attach') : flags.bool('stdin');
  await (
    await builder.do()
  ).visit(async ({ mapping, object, name }) => {
    const session =
      mapping.kind === 'Node'
        ? await debugNode(request, name)
        : mapping.kind === 'Pod'
          ? await debugPod(request, mapping, live<IPod>(object))
          : notSupported(object);
    if (attaches && session.container !== '') await attach(context, session);
  });
}

function notSupported({ apiVersion, kind }: ApiObject): never {
  throw new CommandError(`"${apiVersion}, Kind=${kind}" not supported by debug`);
}

function validate(context: Context, names: readonly string[], filenames: readonly string[]): void {
  const { flags } = context;
  const copies = flags.string('copy-to') !== '';
  const copyOnly = (name: string, given: boolean) => {
    if (given && !copies) throw new CommandError(`--${name} may only be used with --copy-to.`);
  };
  if (flags.string('image') === '' && Object.keys(flags.map('set-image')).length === 0 && !copies)
    throw new CommandError('you must specify --image when not using --copy-to.');
  if (names.length === 0 && filenames.length === 0) throw new CommandError('NAME or filename is required for debug');
  const isNode = names.some((name) => /^(nodes?|no)\//.test(name));
  if (
    copies &&
    flags.string('image') === '' &&
    Object.keys(flags.map('set-image')).length === 0 &&
    context.dashAt === undefined
  )
    throw new CommandError('you must specify --image, --set-image or command arguments.');
  copyOnly('replace', flags.bool('replace'));
  copyOnly('same-node', flags.bool('same-node'));
  copyOnly('set-image', Object.keys(flags.map('set-image')).length > 0);
  const profile = flags.string('profile');
  if (!profiles.includes(profile)) throw new CommandError(`unknown profile: ${profile}`);
  const pull = flags.string('image-pull-policy');
  if (pull !== '' && !['Always', 'IfNotPresent', 'Never'].includes(pull))
    throw new CommandError(`invalid image pull policy: ${pull}`);
  if (copies && flags.string('target') !== '')
    throw new CommandError('--target is incompatible with --copy-to. Use --share-processes instead.');
  if (flags.bool('tty') && !flags.bool('stdin'))
    throw new CommandError('-i/--stdin is required for containers with -t/--tty=true');
  if (isNode && copies) throw usageError(context, '--copy-to can not be used with a node');
}

/** The container spec of `--custom`. @throws CommandError */
function readCustom({ flags, process }: Context): Record<string, unknown> | undefined {
  const file = flags.string('custom');
  if (file === '') return undefined;
  try {
    const value = loadYaml(process.machine.fs.readText(process.path(file))) as Record<string, unknown>;
    for (const field of ['name', 'command', 'image', 'lifecycle', 'volumeDevices'])
      if (value[field] !== undefined) throw new CommandError(`${field} in custom spec is not allowed`);
    return value;
  } catch (error) {
    if (error instanceof FsError)
      throw new CommandError(
        `must pass a container spec json file for custom profile: open ${file}: ${error.message.toLowerCase()}`,
      );
    if (error instanceof YamlError) throw new CommandError(`unable to load custom profile: ${error.message}`);
    throw error;
  }
}

/** What flags say of the container that debugs, new or changed. */
function configure(
  { context, command, profile, custom }: Request,
  container: ContainerSpec,
  style: DebugStyle,
): ContainerSpec {
  const { flags } = context;
  if (flags.string('image') !== '') container.image = flags.string('image');
  if (command.length > 0) {
    container[flags.bool('arguments-only') ? 'args' : 'command'] = command;
    if (!flags.bool('arguments-only')) delete container.args;
  }
  const env = Object.entries(flags.map('env')).map(([name, value]) => ({ name, value }));
  if (env.length > 0) container['env'] = env;
  if (flags.string('image-pull-policy') !== '') container['imagePullPolicy'] = flags.string('image-pull-policy');
  setOrDelete(container, 'stdin', flags.bool('stdin'));
  setOrDelete(container, 'tty', flags.bool('tty'));
  secure(container, profile, style);
  if (!custom) return container;
  const pod = { spec: { containers: [container] } };
  const patch = { spec: { containers: [{ name: container.name, ...custom }] } };
  const merged = strategicMergePatch(pod, patch, typeForKind('v1', 'Pod')) as unknown as typeof pod;
  return merged.spec.containers[0]!;
}

function setOrDelete(container: ContainerSpec, field: 'stdin' | 'tty', on: boolean): void {
  if (on) container[field] = true;
  else delete container[field];
}

async function debugPod(request: Request, mapping: RestMapping, pod: Live<IPod>): Promise<Session> {
  return request.context.flags.string('copy-to') === '' ? addContainer(request, mapping, pod) : copyPod(request, pod);
}

/** A container beside those that run. */
async function addContainer(request: Request, mapping: RestMapping, pod: Live<IPod>): Promise<Session> {
  const { context } = request;
  const { flags, factory } = context;
  const target = flags.string('target');
  if (target !== '' && !flags.bool('quiet'))
    await context.out(
      `Targeting container "${target}". If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`,
    );
  const name = flags.string('container') || (await debugContainerName(context, pod));
  const container = configure(request, { name, resources: {}, terminationMessagePolicy: 'File' }, 'ephemeral');
  if (target !== '') container['targetContainerName'] = target;
  const before = (pod.spec.ephemeralContainers ?? []).map((c) => ({ name: c.name }));
  const patch = {
    spec: {
      ...(before.length > 0 ? { '$setElementOrder/ephemeralContainers': [...before, { name }] } : {}),
      ephemeralContainers: [container],
    },
  };
  const { namespace = '' } = pod.metadata;
  const options = { subresource: 'ephemeralcontainers' };
  const changed = await factory.client().patch(mapping, namespace, pod.metadata.name, 'strategic', patch, options);
  return { pod: live<IPod>(changed), container: name };
}

/** The same Pod again, with changes. */
async function copyPod(request: Request, pod: Live<IPod>): Promise<Session> {
  const { context, profile } = request;
  const { flags, factory } = context;
  const { namespace = '', labels, annotations } = pod.metadata;
  const source = deepCopy(pod.spec) as unknown as PodSpec;
  delete source['ephemeralContainers'];
  const copy = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: flags.string('copy-to'), namespace, labels, annotations },
    spec: source,
  } as unknown as ApiObject;
  trimCopy(copy, profile, flags);
  if (flags.changed('share-processes')) source['shareProcessNamespace'] = flags.bool('share-processes');
  if (!flags.bool('same-node')) delete source['nodeName'];
  const images = flags.map('set-image');
  for (const container of source.containers) {
    const image = images[container.name] ?? images['*'];
    if (image) container.image = image;
  }
  const container = await copiedContainer(request, pod, source);
  const client = factory.client();
  if (flags.bool('replace')) await client.delete(wellKnown.pods, namespace, pod.metadata.name);
  return { pod: live<IPod>(await client.create(wellKnown.pods, namespace, copy)), container };
}

/** Changes the container that is named, or adds one. @returns its name; '' if only images change */
async function copiedContainer(request: Request, pod: Live<IPod>, spec: PodSpec): Promise<string> {
  const { context } = request;
  const { flags } = context;
  const named = flags.string('container');
  const at = spec.containers.findIndex((c) => c.name === named);
  if (at >= 0) {
    spec.containers[at] = configure(request, spec.containers[at]!, 'copy');
    return named;
  }
  if (flags.string('image') === '') {
    if (Object.keys(flags.map('set-image')).length > 0) return '';
    throw new CommandError('you must specify image when creating new container');
  }
  const name = named || (await debugContainerName(context, pod));
  const added = { name, resources: {}, terminationMessagePolicy: 'File' };
  spec.containers.push(configure(request, added, 'copy'));
  return name;
}

/** A Pod in the namespaces of a node. */
async function debugNode(request: Request, node: string): Promise<Session> {
  const { context, profile } = request;
  const { flags, factory } = context;
  const name = `node-debugger-${node}-${randomSuffix(context)}`;
  const containerName = flags.string('container') || 'debugger';
  if (!flags.bool('quiet'))
    await context.out(`Creating debugging pod ${name} with container ${containerName} on node ${node}.\n`);
  const blank = { name: containerName, resources: {}, terminationMessagePolicy: 'File' };
  const spec: PodSpec = {
    containers: [blank],
    nodeName: node,
    restartPolicy: 'Never',
    tolerations: [{ operator: 'Exists' }],
  };
  openNode(spec, profile);
  spec.containers = [configure(request, spec.containers[0]!, 'node')];
  const labels = { 'app.kubernetes.io/managed-by': 'kubectl-debug' };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec };
  const { namespace } = factory.namespace();
  return { pod: live<IPod>(await factory.client().create(wellKnown.pods, namespace, pod)), container: containerName };
}

/** Waits for the container to run, and joins it. */
async function attach(context: Context, { pod, container }: Session): Promise<void> {
  const { flags } = context;
  const quiet = flags.bool('quiet');
  const { namespace = '', name } = pod.metadata;
  let told = '';
  const ready = await waitForPod(context, namespace, name, 0, async (p) => {
    const state = statusOf(p, container)?.state;
    if (state?.running || state?.terminated) return true;
    const why = state?.waiting?.message ?? '';
    if (!quiet && why !== '' && why !== told) await context.err(`Warning: container ${container}: ${why}\n`);
    told = why;
    return false;
  });
  const hasEnded = statusOf(ready, container)?.state?.terminated !== undefined;
  await attachOrLog(context, ready, { stdin: flags.bool('stdin'), tty: flags.bool('tty'), quiet, container }, hasEnded);
}
