import { CommandError } from '../../framework/errors.ts';
import type { ApiObject } from '../../client/types.ts';
import { generator, type Draft } from './generator.ts';
import { mappings } from './mappings.ts';

/** `kubectl create job`. */
export const createJob = generator({
  use: 'job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]',
  short: 'Create a job with the specified name',
  long: 'Create a job with the specified name.',
  examples: `# A job
kubectl create job once --image=busybox

# With a command
kubectl create job once --image=busybox -- date

# From a cron job, now
kubectl create job by-hand --from=cronjob/nightly`,
  flags: [
    { name: 'from', type: 'string', usage: 'Object to make the job from: only cron jobs can be.' },
    { name: 'image', type: 'string', usage: 'Image to run.' },
  ],
  mapping: mappings.jobs,
  failure: 'failed to create job: ',
  build: async (context, name) => {
    const { flags } = context;
    const image = flags.string('image');
    const from = flags.string('from');
    const command = context.dashAt === undefined ? [] : context.args.slice(context.dashAt);
    if ((image === '') === (from === '')) throw new CommandError('either --image or --from must be specified');
    if (command.length > 0 && from !== '') throw new CommandError('cannot specify --from and command');
    if (from !== '') return fromCronJob(await source(context, from), name);
    return {
      kind: 'Job',
      apiVersion: 'batch/v1',
      metadata: { name },
      spec: {
        template: {
          metadata: {},
          spec: {
            containers: [{ name, image, ...(command.length > 0 ? { command } : {}), resources: {} }],
            restartPolicy: 'Never',
          },
        },
      },
      status: {},
    };
  },
});

async function source(
  context: Parameters<Parameters<typeof generator>[0]['build']>[0],
  from: string,
): Promise<ApiObject> {
  const result = await context.factory
    .builder()
    .namespaceParam(context.factory.namespace().namespace)
    .defaultNamespace()
    .resourceTypeOrNameArgs(false, [from])
    .flatten()
    .latest()
    .do();
  const { infos, error } = await result.infos();
  if (error !== undefined) throw error;
  if (infos.length !== 1) throw new CommandError('from must be an existing cronjob');
  const object = infos[0]!.object;
  if (object.kind !== 'CronJob') throw new CommandError(`unknown object type *${goTypeOf(object)}`);
  return object;
}

function goTypeOf(object: ApiObject): string {
  return `${object.apiVersion.split('/').at(-1)}.${object.kind}`;
}

function fromCronJob(cronJob: ApiObject, name: string): Draft {
  const template = (cronJob.spec as { jobTemplate: { metadata?: Record<string, unknown>; spec: unknown } }).jobTemplate;
  const annotations = {
    ...(template.metadata?.annotations as Record<string, string> | undefined),
    'cronjob.kubernetes.io/instantiate': 'manual',
  };
  return {
    kind: 'Job',
    apiVersion: 'batch/v1',
    metadata: {
      name,
      ...(template.metadata?.labels ? { labels: template.metadata.labels } : {}),
      annotations,
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          name: cronJob.metadata.name,
          uid: cronJob.metadata.uid,
          controller: true,
        },
      ],
    },
    spec: template.spec,
    status: {},
  };
}
