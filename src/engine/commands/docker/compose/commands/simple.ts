import type { Query } from '../../client/client.ts';
import { CliError } from '../../framework/errors.ts';
import { flag } from '../../framework/flags.ts';
import { confirmed } from '../../framework/prompt.ts';
import type { ContainerRow } from '../../container/list-format.ts';
import {
  checkServices,
  composeVersion,
  containersOf,
  nameOf,
  serviceOf,
  type ComposeCommand,
  type ComposeContext,
} from '../framework.ts';
import { pullService, buildServices } from '../images.ts';
import { chosenServices, ignoreGone, startServices } from '../lifecycle.ts';
import { canonical, canonicalYaml } from '../project/canonical.ts';
import { configHash, imageName } from '../create.ts';
import { pairsOf } from '../../builder/build.ts';
import { downOrder, optionalProject } from './down.ts';

/** The containers of the named services, those that others depend on first, or last. @throws CliError */
async function rowsOf(context: ComposeContext, direction: 'up' | 'down', all = true): Promise<ContainerRow[]> {
  const name = await context.projectName();
  const project = await optionalProject(context);
  if (project) checkServices(project, context.args);
  const rank = downOrder(project);
  const sign = direction === 'down' ? 1 : -1;
  return (await containersOf(context, name, { all }))
    .filter((row) => context.args.length === 0 || context.args.includes(serviceOf(row)))
    .sort((a, b) => sign * (rank(serviceOf(a)) - rank(serviceOf(b))));
} // prettier-ignore

/** A command that does one thing to each container. */
function each(use: string, short: string, path: string, states: readonly [string, string], direction: 'up' | 'down', more: Partial<ComposeCommand> = {}, query: (context: ComposeContext) => Query = () => ({})): ComposeCommand {
  return {
    use,
    short,
    ...more,
    execute: async (context) => {
      for (const row of await rowsOf(context, direction)) {
        if (row.State !== 'running' && row.State !== 'paused' && path !== 'restart' && path !== 'stop') continue;
        const name = `Container ${nameOf(row)}`;
        await context.progress.working(name, states[0]);
        await context.client.request('POST', `/containers/${row.Id}/${path}`, { query: query(context) }).catch(ignoreGone);
        await context.progress.done(name, states[1]);
      }
    },
  };
} // prettier-ignore

const timeoutFlag = flag('timeout,t', 'int', 'Specify a shutdown timeout in seconds');
const timeout = ({ flags }: ComposeContext): Query => (flags.given('timeout') ? { t: flags.number('timeout') } : {});

export const stop = each(
  'stop [OPTIONS] [SERVICE...]',
  'Stop services',
  'stop',
  ['Stopping', 'Stopped'],
  'down',
  { flags: [timeoutFlag] },
  timeout,
);
export const restart = each(
  'restart [OPTIONS] [SERVICE...]',
  'Restart service containers',
  'restart',
  ['Restarting', 'Started'],
  'up',
  { flags: [timeoutFlag, flag('no-deps', 'bool', "Don't restart dependent services")] },
  timeout,
);
export const pause = each('pause [SERVICE...]', 'Pause services', 'pause', ['Pausing', 'Paused'], 'up');
export const unpause = each('unpause [SERVICE...]', 'Unpause services', 'unpause', ['Unpausing', 'Unpaused'], 'up');
export const kill = each('kill [OPTIONS] [SERVICE...]', 'Force stop service containers', 'kill', ['Killing', 'Killed'], 'up', { flags: [flag('signal,s', 'string', 'SIGNAL to send to the container', { default: 'SIGKILL' }), flag('remove-orphans', 'bool', 'Remove orphans', { notSimulated: true })] }, ({ flags }) => ({ signal: flags.string('signal') })); // prettier-ignore

export const start: ComposeCommand = {
  use: 'start [SERVICE...]',
  short: 'Start services',
  execute: async (context) => {
    const project = await context.project();
    const services = chosenServices(project, context.args);
    const rows = await containersOf(context, project.name);
    for (const { name } of services)
      if (!rows.some((row) => serviceOf(row) === name)) throw new CliError(`service ${JSON.stringify(name)} has no container to start`);
    await startServices(context, project, services);
  },
}; // prettier-ignore

export const rm: ComposeCommand = {
  use: 'rm [OPTIONS] [SERVICE...]',
  short: 'Removes stopped service containers',
  flags: [
    flag('force,f', 'bool', "Don't ask to confirm removal"),
    flag('stop,s', 'bool', 'Stop the containers, if required, before removing'),
    flag('volumes,v', 'bool', 'Remove any anonymous volumes attached to containers'),
  ],
  execute: async (context) => {
    const { client, flags, progress, out } = context;
    let rows = await rowsOf(context, 'down');
    if (flags.bool('stop')) for (const row of rows) await client.request('POST', `/containers/${row.Id}/stop`).catch(ignoreGone);
    else rows = rows.filter((row) => row.State !== 'running');
    if (rows.length === 0) return out('No stopped containers\n');
    if (!flags.bool('force') && !(await confirmed(context, `? Going to remove ${rows.map(nameOf).join(', ')}`))) return;
    for (const row of rows) {
      await progress.working(`Container ${nameOf(row)}`, 'Removing');
      await client.request('DELETE', `/containers/${row.Id}`, { query: { force: true, v: flags.bool('volumes') } });
      await progress.done(`Container ${nameOf(row)}`, 'Removed');
    }
  },
}; // prettier-ignore

export const pull: ComposeCommand = {
  use: 'pull [OPTIONS] [SERVICE...]',
  short: 'Pull service images',
  flags: [
    flag('ignore-buildable', 'bool', 'Ignore images that can be built'),
    flag('ignore-pull-failures', 'bool', 'Pull what it can and ignores images with pull failures'),
    flag('include-deps', 'bool', 'Also pull services declared as dependencies'),
    flag('policy', 'string', 'Apply pull policy'),
    flag('quiet,q', 'bool', 'Pull without printing progress information'),
  ],
  execute: async (context) => {
    const project = await context.project();
    for (const service of chosenServices(project, context.args, context.flags.bool('include-deps'))) {
      if (service.build && (!service.image || context.flags.bool('ignore-buildable'))) continue;
      await pullService(context, project, service, context.flags.bool('ignore-pull-failures') || service.build !== undefined);
    }
  },
}; // prettier-ignore

export const build: ComposeCommand = {
  use: 'build [OPTIONS] [SERVICE...]',
  short: 'Build or rebuild services',
  flags: [
    flag('build-arg', 'list', 'Set build-time variables for services'),
    flag('no-cache', 'bool', 'Do not use cache when building the image'),
    flag('pull', 'bool', 'Always attempt to pull a newer version of the image'),
    flag('quiet,q', 'bool', "Don't print anything to STDOUT"),
    flag('with-dependencies', 'bool', 'Also build dependencies (transitively)'),
    flag('push', 'bool', 'Push service images', { notSimulated: true }),
    flag('memory,m', 'bytes', 'Set memory limit for the build container'),
    flag('ssh', 'string', 'Set SSH authentications', { notSimulated: true }),
  ],
  execute: async (context) => {
    const { flags } = context;
    const project = await context.project();
    const services = chosenServices(project, context.args, flags.bool('with-dependencies')).filter((service) => service.build);
    const options = { noCache: flags.bool('no-cache'), pull: flags.bool('pull'), quiet: flags.bool('quiet'), args: pairsOf(flags.list('build-arg'), context.process.env) };
    if (services.length === 0) return context.err('time="2026-01-01T00:00:00Z" level=warning msg="No services to build"\n'.replace(/time="[^"]*"/, `time="${new Date(context.process.world.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')}"`));
    await buildServices(context, project, services, options);
  },
}; // prettier-ignore

export const config: ComposeCommand = {
  use: 'config [OPTIONS] [SERVICE...]',
  short: 'Parse, resolve and render compose file in canonical format',
  aliases: ['convert'],
  flags: [
    flag('environment', 'bool', 'Print environment used for interpolation.'),
    flag('format', 'string', 'Format the output. Values: [yaml | json]', { default: 'yaml' }),
    flag('hash', 'string', 'Print the service config hash, one per line.'),
    flag('images', 'bool', 'Print the image names, one per line.'),
    flag('networks', 'bool', 'Print the network names, one per line.'),
    flag('no-interpolate', 'bool', "Don't interpolate environment variables", { notSimulated: true }),
    flag('no-normalize', 'bool', "Don't normalize compose model", { notSimulated: true }),
    flag('output,o', 'string', 'Save to file (default to stdout)'),
    flag('profiles', 'bool', 'Print the profile names, one per line.'),
    flag('quiet,q', 'bool', "Only validate the configuration, don't print anything"),
    flag('services', 'bool', 'Print the service names, one per line.'),
    flag('volumes', 'bool', 'Print the volume names, one per line.'),
    flag('variables', 'bool', 'Print model variables and default values.', { notSimulated: true }),
  ],
  execute: async (context) => {
    const { flags, out, process, args } = context;
    const project = await context.project();
    if (args.length > 0) {
      const chosen = new Set(chosenServices(project, args).map(({ name }) => name));
      project.services = Object.fromEntries(Object.entries(project.services).filter(([name]) => chosen.has(name)));
    }
    const services = Object.values(project.services);
    const lines = (list: readonly string[]) => out(list.map((line) => `${line}\n`).join(''));
    if (flags.bool('quiet')) return;
    if (flags.bool('services')) return lines(Object.keys(project.services));
    if (flags.bool('volumes')) return lines(Object.keys(project.volumes));
    if (flags.bool('networks')) return lines(Object.keys(project.networks));
    if (flags.bool('images')) return lines(services.map((service) => imageName(project, service)));
    if (flags.bool('environment')) return lines([...process.env].map(([key, value]) => `${key}=${value}`).sort());
    if (flags.bool('profiles')) return lines([...new Set([...services, ...Object.values(project.disabled)].flatMap((service) => service.profiles ?? []))].sort());
    const hash = flags.string('hash');
    if (hash !== '') return lines(services.filter(({ name }) => hash === '*' || hash.split(',').includes(name)).map((service) => `${service.name} ${configHash(service)}`));
    const format = flags.string('format');
    if (format !== 'yaml' && format !== 'json') throw new CliError(`unsupported format ${JSON.stringify(format)}`);
    const text = format === 'json' ? `${JSON.stringify(canonical(project), null, 2)}\n` : canonicalYaml(project);
    const file = flags.string('output');
    if (file === '') return out(text);
    process.machine.fs.writeFile(process.path(file), text);
  },
}; // prettier-ignore

export const version: ComposeCommand = {
  use: 'version [OPTIONS]',
  short: 'Show the Docker Compose version information',
  flags: [flag('format,f', 'string', 'Format the output. Values: [pretty | json]'), flag('short', 'bool', "Shows only Compose's version number")],
  execute: ({ flags, out }) =>
    flags.bool('short')
      ? out(`${composeVersion}\n`)
      : out(flags.string('format') === 'json' ? `{"version":"v${composeVersion}"}\n` : `Docker Compose version v${composeVersion}\n`),
}; // prettier-ignore
