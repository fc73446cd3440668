import type { IPod } from 'kubernetes-models/v1/Pod';
import type { Live } from '../describe/describer.ts';
import { saveTypedConfig } from '../apply/last-applied.ts';
import type { ApiObject } from '../client/types.ts';
import { cascadeOf, deletionFlags } from '../delete/options.ts';
import { parseImageReference } from '../../../kubernetes/apimachinery/image-reference.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, SilentExit, usageError } from '../framework/errors.ts';
import { dryRunFlag, fieldManagerFlag } from '../framework/file-flags.ts';
import { overriddenBy } from '../framework/overrides.ts';
import { quote } from '../framework/values.ts';
import { dryRunOf, operation } from '../framework/write-options.ts';
import { printerFor, printFlags } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';
import { attachOrLog, isCompleted, isRunningAndReady, waitForPod } from '../workloads/attach.ts';
import { mappings } from './create/mappings.ts';

/** `kubectl run`. */
export const runCommand: Command = {
  use: 'run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  short: 'Run a particular image on the cluster',
  long: 'Create and run a particular image in a pod.',
  examples: `# A Pod with nginx
kubectl run nginx --image=nginx

# With a port, variables and labels
kubectl run web --image=nginx --port=80 --env="COLOR=red" --labels="app=web,env=prod"

# Only show what would be created
kubectl run nginx --image=nginx --dry-run=client

# With arguments for the image's program
kubectl run nginx --image=nginx -- <arg1> <arg2> ... <argN>

# A shell to try things from, gone when it ends
kubectl run -i -t --rm busybox --image=busybox --restart=Never

# With another program
kubectl run nginx --image=nginx --command -- <cmd> <arg1> ... <argN>`,
  flags: [
    ...printFlags,
    { name: 'annotations', type: 'stringArray', usage: 'Annotations of the pod.' },
    {
      name: 'attach',
      type: 'bool',
      usage: 'If true, wait for the pod to run and attach to it.',
    },
    ...deletionFlags({ cascade: 'background' }).filter((flag) => flag.name !== 'wait'),
    { name: 'command', type: 'bool', usage: 'If true, what follows -- is the command instead of its arguments.' },
    dryRunFlag,
    { name: 'env', type: 'stringArray', usage: 'Environment variables for the container.' },
    { name: 'expose', type: 'bool', usage: 'If true, also create a ClusterIP service for the pod. Needs --port.' },
    fieldManagerFlag('kubectl-run'),
    { name: 'image', type: 'string', required: true, usage: 'The image to run.' },
    {
      name: 'image-pull-policy',
      type: 'string',
      usage: "When the image is pulled; the server's default if not given.",
    },
    { name: 'labels', shorthand: 'l', type: 'string', usage: 'Labels of the pod, separated by commas.' },
    {
      name: 'leave-stdin-open',
      type: 'bool',
      usage: 'With attach, leave standard input open after the first attachment.',
    },
    {
      name: 'override-type',
      type: 'string',
      default: 'merge',
      usage: 'How --overrides is applied: json, merge, or strategic.',
    },
    { name: 'overrides', type: 'string', usage: 'JSON that the generated object is overridden with.' },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      default: 60_000,
      usage: 'How long to wait for one pod to run.',
    },
    { name: 'port', type: 'string', usage: 'The port that this container exposes.' },
    { name: 'privileged', type: 'bool', usage: 'If true, run the container in privileged mode.' },
    {
      name: 'quiet',
      shorthand: 'q',
      type: 'bool',
      usage: 'If true, leave out prompts.',
    },
    {
      name: 'restart',
      type: 'string',
      default: 'Always',
      usage: 'The restart policy of the pod: Always, OnFailure, Never.',
    },
    {
      name: 'rm',
      type: 'bool',
      usage: 'If true, delete the pod after it exits. Only when attached to it.',
    },
    {
      name: 'save-config',
      type: 'bool',
      usage: 'If true, the object carries its configuration as an annotation, for a later kubectl apply.',
    },
    {
      name: 'stdin',
      shorthand: 'i',
      type: 'bool',
      usage: 'Keep standard input open for the container.',
    },
    {
      name: 'tty',
      shorthand: 't',
      type: 'bool',
      usage: 'Give the container a terminal.',
    },
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { flags, args } = context;
  const dryRun = await dryRunOf(context);
  const attach = flags.changed('attach') ? flags.bool('attach') : flags.bool('stdin');
  if (args.length === 0 || context.dashAt === 0) throw usageError(context, 'NAME is required for run');
  const image = flags.string('image');
  if (image === '') throw new CommandError('--image is required');
  checkImage(image);
  if (flags.bool('tty') && !flags.bool('stdin'))
    throw usageError(context, '-i/--stdin is required for containers with -t/--tty=true');
  if (flags.bool('expose') && flags.string('port') === '')
    throw usageError(context, '--port must be set when exposing a service');
  const restart = flags.string('restart');
  if (!['Always', 'OnFailure', 'Never'].includes(restart))
    throw usageError(context, `invalid restart policy: ${restart}`);
  if (dryRun !== 'none' && attach)
    throw usageError(
      context,
      "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
    );
  if (flags.bool('rm') && !attach) throw usageError(context, '--rm should only be used for attached containers');
  await cascadeOf(context);
  const deletion = flags.int('grace-period') >= 0 || flags.bool('force') || flags.duration('timeout') > 0;
  if (deletion && !flags.bool('rm'))
    throw new CommandError('cannot set --grace-period, --force or --timeout without --rm');
  const pod = podOf(context, image, restart);
  const objects = flags.bool('expose') ? [serviceOf(context, pod), pod] : [pod];
  const printer = printerFor(context.process, flags, { operation: operation('created', dryRun), typed: true })!;
  const made: ApiObject[] = [];
  let end: { exit: number; text: string } | undefined;
  try {
    for (const object of objects)
      made.push(dryRun === 'client' ? object : await create(context, object, dryRun === 'server'));
    if (attach) end = await attachToRun(context, made.at(-1)!, restart);
    else await printWith(context, printer, made);
  } finally {
    if (flags.bool('rm') && attach) await removeCreated(context, made);
  }
  if (!end) return;
  await context.err(end.text);
  throw new SilentExit(end.exit);
}

/** Follows the Pod to its end. @returns what is to be said, and the exit status, if it failed @throws CommandError */
async function attachToRun(
  context: Context,
  { metadata }: ApiObject,
  restart: string,
): Promise<{ exit: number; text: string } | undefined> {
  const { flags } = context;
  const timeout = flags.duration('pod-running-timeout');
  const namespace = metadata.namespace ?? '';
  const name = metadata.name!;
  const pod = await waitForPod(context, namespace, name, timeout, (p) => isCompleted(p) || isRunningAndReady(p));
  const options = {
    stdin: flags.bool('stdin'),
    tty: flags.bool('tty'),
    quiet: flags.bool('quiet'),
    container: name,
  };
  await attachOrLog(context, pod, options, isCompleted(pod));
  if (flags.bool('leave-stdin-open') || restart === 'Always') return undefined;
  const ended = (p: Live<IPod>) => (restart === 'Never' ? isCompleted(p) : p.status.phase === 'Succeeded');
  const { status } = await waitForPod(context, namespace, name, timeout, ended);
  if (status.phase !== 'Failed') return undefined;
  const end = status.containerStatuses?.[0]?.state?.terminated;
  if (!end?.exitCode) throw new CommandError(`pod ${namespace}/${name} failed with unknown exit code`);
  const text = `pod ${namespace}/${name} terminated (${end.reason ?? ''})\n${end.message ?? ''}`;
  return { exit: end.exitCode, text };
}

/** `--rm`: what was made goes again, however it ended. */
async function removeCreated(context: Context, made: readonly ApiObject[]): Promise<void> {
  const { flags, factory } = context;
  const grace = flags.int('grace-period');
  for (const object of made) {
    const mapping = object.kind === 'Pod' ? mappings.pods : mappings.services;
    const { name = '', namespace = '' } = object.metadata;
    await factory.client().delete(mapping, namespace, name, {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Background',
      ...(flags.bool('force') || grace >= 0 ? { gracePeriodSeconds: Math.max(grace, 0) } : {}),
    });
    if (!flags.bool('quiet'))
      await context.out(`${object.kind.toLowerCase()} "${name}" deleted from ${namespace} namespace\n`);
  }
}

/** @throws CommandError `Invalid image name …` */
function checkImage(image: string): void {
  try {
    parseImageReference(image);
  } catch {
    throw new CommandError(`Invalid image name ${quote(image)}: invalid reference format`);
  }
}

async function create(context: Context, object: ApiObject, dryRun: boolean): Promise<ApiObject> {
  const { flags, factory } = context;
  const mapping = object.kind === 'Pod' ? mappings.pods : mappings.services;
  const body = flags.bool('save-config') ? saveTypedConfig(object) : object;
  return factory.client().create(mapping, factory.namespace().namespace, body, {
    dryRun,
    fieldManager: flags.string('field-manager'),
  });
}

function podOf(context: Context, image: string, restart: string): ApiObject {
  const { flags, args } = context;
  const [name = ''] = args;
  const words = args.slice(1);
  const labels = flags.string('labels') === '' ? { run: name } : labelsOf(flags.string('labels'));
  const annotations = keyValues(
    flags.strings('annotations'),
    (text) => new CommandError(`invalid annotation: ${text}`),
  );
  const env = flags.strings('env').map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new CommandError(`invalid env: ${text}`);
    return { name: text.slice(0, at), ...(at === text.length - 1 ? {} : { value: text.slice(at + 1) }) };
  });
  const port = portOf(context);
  const pull = flags.string('image-pull-policy');
  const pod = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, labels, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: {
      containers: [
        {
          name,
          image,
          ...(words.length > 0 ? { [flags.bool('command') ? 'command' : 'args']: words } : {}),
          ...(port === undefined ? {} : { ports: [{ containerPort: port }] }),
          ...(env.length > 0 ? { env } : {}),
          resources: {},
          ...(flags.bool('stdin') ? { stdin: true } : {}),
          ...(flags.bool('stdin') && !flags.bool('leave-stdin-open') ? { stdinOnce: true } : {}),
          ...(flags.bool('tty') ? { tty: true } : {}),
          ...(pull === '' ? {} : { imagePullPolicy: pull }),
          ...(flags.bool('privileged') ? { securityContext: { privileged: true } } : {}),
        },
      ],
      restartPolicy: restart,
      dnsPolicy: 'ClusterFirst',
    },
    status: {},
  };
  return overriddenBy(pod as unknown as ApiObject, flags.string('overrides'), flags.string('override-type'));
}

function portOf({ flags }: Context): number | undefined {
  const text = flags.string('port');
  if (text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw new CommandError(`strconv.Atoi: parsing ${quote(text)}: invalid syntax`);
  return Number(text);
}

function serviceOf(context: Context, pod: ApiObject): ApiObject {
  const port = portOf(context)!;
  const { labels, name } = pod.metadata;
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name, ...(context.flags.string('labels') === '' ? {} : { labels }) },
    spec: { ports: [{ protocol: 'TCP', port, targetPort: port }], selector: labels },
    status: { loadBalancer: {} },
  } as ApiObject;
}

function labelsOf(text: string): Record<string, string> {
  return keyValues(text.split(','), (pair) => new CommandError(`unexpected label spec: ${pair}`));
}

function keyValues(texts: readonly string[], fail: (text: string) => Error): Record<string, string> {
  const out: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) throw fail(text);
    out[text.slice(0, at)] = text.slice(at + 1);
  }
  return out;
}
