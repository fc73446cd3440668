import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { createFlags } from './create-flags.ts';
import { forEach } from './each.ts';

const shared = [
  'blkio-weight',
  'cpu-period',
  'cpu-quota',
  'cpu-rt-period',
  'cpu-rt-runtime',
  'cpu-shares',
  'cpus',
  'cpuset-cpus',
  'cpuset-mems',
  'memory',
  'memory-reservation',
  'memory-swap',
  'pids-limit',
];

export const update: Command = {
  use: 'update [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Update configuration of one or more containers',
  args: [1, Infinity],
  flags: [
    ...createFlags.filter((f) => shared.includes(f.name)),
    flag('restart', 'string', 'Restart policy to apply when a container exits'),
  ],
  run: async (context) => {
    const { client, flags } = context;
    if (![...flags.specs].some((spec) => flags.given(spec.name)))
      throw new CliError('you must provide one or more flags when using this command');
    const restart = flags.string('restart');
    const [name = '', count = '0'] = restart.split(':');
    const body = {
      CpuShares: flags.number('cpu-shares'),
      Memory: flags.number('memory'),
      NanoCpus: Math.round(Number(flags.string('cpus') || 0) * 1e9),
      CpuPeriod: flags.number('cpu-period'),
      CpuQuota: flags.number('cpu-quota'),
      MemoryReservation: flags.number('memory-reservation'),
      MemorySwap: flags.number('memory-swap'),
      PidsLimit: flags.number('pids-limit'),
      ...(restart === '' ? {} : { RestartPolicy: { Name: name, MaximumRetryCount: Number(count) } }),
    };
    await forEach(context, context.args, async (container) => {
      await client.json('POST', `/containers/${encodeURIComponent(container)}/update`, { body });
      return container;
    });
  },
};
