import { generator } from './generator.ts';
import { mappings } from './mappings.ts';

/** `kubectl create priorityclass`. */
export const createPriorityClass = generator({
  use: 'priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]',
  aliases: ['pc'],
  short: 'Create a priority class with the specified name',
  long: 'Create a priority class with the specified name, value, globalDefault and description.',
  examples:
    '# Above everything of priority 0\nkubectl create priorityclass high --value=1000 --description="goes first"',
  flags: [
    { name: 'description', type: 'string', usage: 'When to use this priority class.' },
    { name: 'global-default', type: 'bool', usage: 'Whether Pods without a class get this one.' },
    {
      name: 'preemption-policy',
      type: 'string',
      default: 'PreemptLowerPriority',
      usage: 'Whether Pods of it may push out others: PreemptLowerPriority or Never.',
    },
    { name: 'value', type: 'int32', usage: 'The priority: higher goes first.' },
  ],
  mapping: mappings.priorityClasses,
  failure: 'failed to create priorityclass: ',
  build: ({ flags }, name) => ({
    kind: 'PriorityClass',
    apiVersion: 'scheduling.k8s.io/v1',
    metadata: { name },
    value: flags.int('value'),
    ...(flags.bool('global-default') ? { globalDefault: true } : {}),
    ...(flags.string('description') === '' ? {} : { description: flags.string('description') }),
    preemptionPolicy: flags.string('preemption-policy'),
  }),
});
