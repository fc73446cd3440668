import type { Command, Context } from '../framework/command.ts';
import { CliError, DaemonError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { inspectObjects } from './inspect-objects.ts';

const types = ['config', 'container', 'image', 'network', 'node', 'plugin', 'secret', 'service', 'task', 'volume'];
const path = (name: string) => name.split('/').map(encodeURIComponent).join('/');

type Getter = (context: Context, name: string, size: boolean) => Promise<unknown>;

const getters: Readonly<Record<string, Getter>> = {
  container: ({ client }, name, size) =>
    client.json('GET', `/containers/${encodeURIComponent(name)}/json`, { query: size ? { size: true } : {} }),
  image: ({ client }, name) => client.json('GET', `/images/${path(name)}/json`),
  network: ({ client }, name) => client.json('GET', `/networks/${encodeURIComponent(name)}`),
  volume: ({ client }, name) => client.json('GET', `/volumes/${encodeURIComponent(name)}`),
  plugin: ({ client }, name) => client.json('GET', `/plugins/${path(name)}/json`),
  service: ({ client }, name) => client.json('GET', `/services/${encodeURIComponent(name)}`),
  task: ({ client }, name) => client.json('GET', `/tasks/${encodeURIComponent(name)}`),
  node: ({ client }, name) => client.json('GET', `/nodes/${encodeURIComponent(name)}`),
  secret: ({ client }, name) => client.json('GET', `/secrets/${encodeURIComponent(name)}`),
  config: ({ client }, name) => client.json('GET', `/configs/${encodeURIComponent(name)}`),
};

const tried = ['container', 'image', 'network', 'volume', 'plugin'];

export const inspect: Command = {
  use: 'inspect [OPTIONS] NAME|ID [NAME|ID...]',
  short: 'Return low-level information on Docker objects',
  args: [1, Infinity],
  flags: [
    flag('format,f', 'string', 'json or a template'),
    flag('size,s', 'bool', 'Show sizes of containers'),
    flag('type', 'string', 'Only objects of this type'),
  ],
  run: async (context) => {
    const { flags } = context;
    const type = flags.string('type');
    if (flags.given('type') && !types.includes(type))
      throw new CliError(
        `unknown type: ${JSON.stringify(type)}: must be one of ${types.map((t) => JSON.stringify(t)).join(', ')}`,
      );
    const size = flags.bool('size');
    await inspectObjects(context, context.args, flags.string('format'), async (name) => {
      if (name === '') throw new CliError('invalid container name or ID: value is empty');
      if (type !== '') return getters[type]!(context, name, size);
      for (const kind of tried)
        try {
          return await getters[kind]!(context, name, size);
        } catch (error) {
          if (!(error instanceof DaemonError) || ![404, 400].includes(error.status)) throw error;
        }
      throw new CliError(`Error: No such object: ${name}`);
    });
  },
};

/** `docker container inspect` and the like. */
export function typedInspect(kind: string, use: string, short: string, withSize = false): Command {
  return {
    use,
    short,
    args: [1, Infinity],
    flags: [
      flag('format,f', 'string', 'json or a template'),
      ...(withSize ? [flag('size,s', 'bool', 'Show sizes')] : []),
      ...(kind === 'network' ? [flag('verbose,v', 'bool', 'More for diagnostics')] : []),
      ...(kind === 'image' ? [flag('platform', 'string', 'Platform of the image', { notSimulated: true })] : []),
    ],
    run: (context) => {
      if (kind === 'network') context.flags.bool('verbose');
      const size = withSize && context.flags.bool('size');
      return inspectObjects(context, context.args, context.flags.string('format'), (name) => {
        if (name === '') throw new CliError(`invalid ${kind} name or ID: value is empty`);
        return getters[kind]!(context, name, size);
      });
    },
  };
}
