import type { IPod } from 'kubernetes-models/v1/Pod';
import { LineReader, readerOf } from '../../../world/index.ts';
import { listAll, live, type Live, wellKnown } from '../describe/describer.ts';
import type { Command, Context } from '../framework/command.ts';
import { completePodsAndContainers } from '../framework/completion.ts';
import { CommandError, errorText, isNotFound, usageError } from '../framework/errors.ts';
import { isCommandFailure } from '../framework/failure.ts';
import type { Query, RawRequest } from '../client/rest.ts';
import { gvkOf } from '../client/types.ts';
import { allContainers, defaultContainer } from '../workloads/containers.ts';
import { byLogging, selectorOf, selectPods } from '../workloads/pods.ts';

const usage = `expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.
POD or TYPE/NAME is a required argument for the logs command`;

/** Lines shown of each container when Pods are chosen by label. */
const selectorTail = 10;

interface LogRequest {
  pod: string;
  container: string;
  request: RawRequest;
}

export const logs: Command = {
  use: 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  short: 'Print the logs for a container in a pod',
  long: 'Shows what a container of a pod, or of a pod of the named workload, has written. A pod with a single container needs no container name.',
  examples: `# The log of pod nginx, which has one container
kubectl logs nginx

# Of pod nginx, with the pod's and container's name before each line
kubectl logs nginx --prefix

# Of all containers of pod nginx
kubectl logs nginx --all-containers=true

# Of all containers of the pods with the label app=nginx
kubectl logs -l app=nginx --all-containers=true

# Of the container ruby of pod web-1, before it was last restarted
kubectl logs -p -c ruby web-1

# As it is written, of the container ruby of pod web-1
kubectl logs -f -c ruby web-1

# The last 20 lines of pod nginx
kubectl logs --tail=20 nginx

# What pod nginx wrote in the last hour
kubectl logs --since=1h nginx

# Of the first container of a job named hello
kubectl logs job/hello

# Of the container nginx-1 of a deployment named nginx
kubectl logs deployment/nginx -c nginx-1`,
  flags: [
    { name: 'all-containers', type: 'bool', usage: 'Show the logs of all containers of the pod(s).' },
    { name: 'all-pods', type: 'bool', usage: 'Show the logs of all pods of the workload, with prefixes.' },
    { name: 'container', shorthand: 'c', type: 'string', usage: 'The container whose log to show.' },
    { name: 'follow', shorthand: 'f', type: 'bool', usage: 'Go on with what is written from now on.' },
    { name: 'ignore-errors', type: 'bool', usage: 'When following, go on after an error that is not fatal.' },
    {
      name: 'insecure-skip-tls-verify-backend',
      type: 'bool',
      usage: "Don't check the certificate of the kubelet that the log comes from, which makes it less trustworthy.",
    },
    { name: 'limit-bytes', type: 'int64', usage: 'Most bytes of a log to show; without limit by default.' },
    {
      name: 'max-log-requests',
      type: 'int',
      default: 5,
      usage: 'Most logs to follow at the same time when a selector is given.',
    },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      default: 20_000,
      usage: 'How long to wait for a pod of the workload (e.g. 5s, 2m, or 3h).',
    },
    { name: 'prefix', type: 'bool', usage: 'Begin each line with the names of its pod and container.' },
    { name: 'previous', shorthand: 'p', type: 'bool', usage: 'The log of the container before it was last restarted.' },
    {
      name: 'selector',
      shorthand: 'l',
      type: 'string',
      usage: 'Labels that pods must have, such as key1=value1,key2 in (a,b).',
    },
    {
      name: 'since',
      type: 'duration',
      usage: 'Only what is newer than this (5s, 2m, 3h). At most one of since-time and since may be used.',
    },
    {
      name: 'since-time',
      type: 'string',
      usage: 'Only what is newer than this time (RFC3339). At most one of since-time and since may be used.',
    },
    {
      name: 'tail',
      type: 'int64',
      default: -1,
      usage: 'Lines to show from the end; -1 for all, or for 10 with a selector.',
    },
    { name: 'timestamps', type: 'bool', usage: 'Begin each line with its time.' },
  ],
  complete: completePodsAndContainers,
  async run(context) {
    const { flags } = context;
    // Connections to kubelets need no certificates here.
    flags.bool('insecure-skip-tls-verify-backend');
    const { resource, container } = readArguments(context);
    const query = logQuery(context);
    const pods = await findPods(context, resource);
    if (pods.length === 0) return;
    const requests: LogRequest[] = [];
    for (const pod of pods) requests.push(...(await requestsFor(context, pod, container, query)));
    const follows = flags.bool('follow');
    const most = flags.int('max-log-requests');
    if (follows && requests.length > most)
      throw new CommandError(
        `you are attempting to follow ${requests.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`,
      );
    if (follows && requests.length > 1) await together(context, requests);
    else for (const request of requests) await guarded(context, () => copyLog(context, request));
  },
};

function readArguments(context: Context): { resource: string; container: string } {
  const { args, flags } = context;
  let container = flags.string('container');
  const hasSelector = flags.string('selector') !== '';
  if (args.length === 0 && !hasSelector) throw usageError(context, usage);
  if (args.length > 2) throw usageError(context, usage);
  if (args.length > 0 && hasSelector) throw usageError(context, 'only a selector (-l) or a POD name is allowed');
  if (args.length === 2) {
    if (container !== '') throw usageError(context, 'only one of -c or an inline [CONTAINER] arg is allowed');
    container = args[1]!;
  }
  if (flags.string('since-time') !== '' && flags.duration('since') !== 0)
    throw new CommandError('at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (flags.bool('all-containers') && container !== '')
    throw new CommandError(`--all-containers=true should not be specified with container name ${container}`);
  if (flags.int('tail') < -1) throw new CommandError('--tail must be greater than or equal to -1');
  if (flags.int('limit-bytes') < 0) throw new CommandError('--limit-bytes must be greater than 0');
  if (flags.duration('since') < 0) throw new CommandError('--since must be greater than 0');
  return { resource: args[0] ?? '', container };
}

function logQuery({ flags }: Context): Query {
  const tail = flags.int('tail');
  const fromSelector = flags.string('selector') !== '' && tail === -1 && !flags.changed('tail');
  const sinceTime = flags.string('since-time');
  if (sinceTime !== '' && Number.isNaN(Date.parse(sinceTime)))
    throw new CommandError(
      `parsing time ${JSON.stringify(sinceTime)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(sinceTime)} as "2006"`,
    );
  const since = flags.duration('since');
  return {
    follow: flags.bool('follow') || undefined,
    previous: flags.bool('previous') || undefined,
    timestamps: flags.bool('timestamps') || undefined,
    sinceSeconds: since > 0 ? Math.max(1, Math.round(since / 1000)) : undefined,
    sinceTime: sinceTime || undefined,
    limitBytes: flags.int('limit-bytes') || undefined,
    tailLines: fromSelector ? selectorTail : tail >= 0 ? tail : undefined,
  };
}

/** The Pods whose logs to show: named ones, those of a selector, or one (or all) of a workload. */
async function findPods(context: Context, resource: string): Promise<Live<IPod>[]> {
  const { factory, flags } = context;
  const { namespace } = factory.namespace();
  const client = { client: factory.client(), chunkSize: 0 };
  const labelSelector = flags.string('selector');
  if (labelSelector !== '') {
    const pods = await listAll<IPod>(client, wellKnown.pods, namespace, { labelSelector });
    if (pods.length === 0) await context.err(`No resources found in ${namespace} namespace.\n`);
    return pods;
  }
  const result = await factory
    .builder()
    .namespaceParam(namespace)
    .defaultNamespace()
    .resourceNames('pods', ...(resource.includes('/') ? [] : [resource]))
    .resourceTypeOrNameArgs(true, resource.includes('/') ? [resource] : [])
    .do();
  const { infos, error } = await result.infos();
  if (isNotFound(error))
    throw new CommandError(
      `error from server (NotFound): ${errorText(error)} in namespace ${JSON.stringify(namespace)}`,
    );
  if (error !== undefined) throw error;
  const [info] = infos;
  if (!info || infos.length !== 1) throw new CommandError('expected a resource');
  if (gvkOf(info.object).kind === 'Pod') return [live<IPod>(info.object)];
  const selector = selectorOf(info, 'get the logs from');
  const pods = await selectPods(context, info.namespace, selector, byLogging, flags.duration('pod-running-timeout'));
  if (flags.bool('all-pods')) return pods;
  if (pods.length > 1) await context.err(`Found ${pods.length} pods, using pod/${pods[0]!.metadata.name}\n`);
  return pods.slice(0, 1);
}

async function requestsFor(context: Context, pod: Live<IPod>, container: string, query: Query): Promise<LogRequest[]> {
  const make = (name: string): LogRequest => ({
    pod: pod.metadata.name,
    container: name,
    request: {
      method: 'GET',
      path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log`,
      query: { ...query, container: name },
    },
  });
  if (context.flags.bool('all-containers')) {
    const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
    return [...initContainers, ...containers, ...ephemeralContainers].map((c) => make(c.name));
  }
  // Where all Pods are shown, prefixes name the containers.
  if (container === '') return [make((await defaultContainer(context, pod, context.flags.bool('all-pods'))).name)];
  if (!allContainers(pod).some((c) => c.name === container))
    throw new CommandError(`container ${container} is not valid for pod ${pod.metadata.name}`);
  return [make(container)];
}

/** With --ignore-errors a failure is a line of output. */
async function guarded(context: Context, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isCommandFailure(error) || !context.flags.bool('ignore-errors')) throw error;
    await context.out(`error: ${errorText(error)}\n`);
  }
}

/** Follows several logs at once; the first failure ends it. */
async function together(context: Context, requests: readonly LogRequest[]): Promise<void> {
  await Promise.all(requests.map((request) => guarded(context, () => copyLog(context, request))));
}

async function copyLog(context: Context, { pod, container, request }: LogRequest): Promise<void> {
  const { process, factory, flags } = context;
  const { body } = await factory.client().request(request);
  const reader = body instanceof Uint8Array ? readerOf(body) : body;
  const isPrefixed = flags.bool('prefix') || flags.bool('all-pods');
  try {
    if (!isPrefixed) {
      for (let chunk = await reader.read(process.cancel); chunk; chunk = await reader.read(process.cancel))
        await process.stdout.write(chunk, process.cancel);
      return;
    }
    const lines = new LineReader(reader);
    for (let line = await lines.next(process.cancel); line !== undefined; line = await lines.next(process.cancel))
      await context.out(`[pod/${pod}/${container}] ${line}${lines.lastUnterminated ? '' : '\n'}`);
  } finally {
    reader.close();
  }
}
