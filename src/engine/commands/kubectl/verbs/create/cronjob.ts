import { generator } from './generator.ts';
import { mappings } from './mappings.ts';

/** `kubectl create cronjob`. */
export const createCronJob = generator({
  use: "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
  aliases: ['cj'],
  short: 'Create a cron job with the specified name',
  long: 'Create a cron job with the specified name.',
  examples: `# Every minute
kubectl create cronjob tick --image=busybox --schedule="*/1 * * * *"

# With a command
kubectl create cronjob tick --image=busybox --schedule="*/1 * * * *" -- date`,
  flags: [
    { name: 'image', type: 'string', required: true, usage: 'Image to run.' },
    { name: 'restart', type: 'string', usage: "The job's restart policy: OnFailure or Never." },
    { name: 'schedule', type: 'string', required: true, usage: 'When to run, in cron format.' },
  ],
  mapping: mappings.cronJobs,
  failure: 'failed to create cronjob: ',
  build: ({ flags, args, dashAt }, name) => {
    const command = dashAt === undefined ? [] : args.slice(dashAt);
    const container = { name, image: flags.string('image'), ...(command.length > 0 ? { command } : {}), resources: {} };
    return {
      kind: 'CronJob',
      apiVersion: 'batch/v1',
      metadata: { name },
      spec: {
        schedule: flags.string('schedule'),
        jobTemplate: {
          metadata: { name },
          spec: {
            template: {
              metadata: {},
              spec: { containers: [container], restartPolicy: flags.string('restart') || 'OnFailure' },
            },
          },
        },
      },
      status: {},
    };
  },
});
