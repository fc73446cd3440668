import { CliError, CliExit } from '../../framework/errors.ts';
import { flag } from '../../framework/flags.ts';
import { waitForExit } from '../../container/wait-exit.ts';
import { containersOf, nameOf, serviceOf, type ComposeCommand, type ComposeContext } from '../framework.ts';
import { createProject, ignoreGone, startServices, waitFor, type CreateOptions } from '../lifecycle.ts';
import { PrefixedOutput, shortName } from '../output.ts';
import type { Project, Service } from '../project/types.ts';

const createFlags = [
  flag('build', 'bool', 'Build images before starting containers'),
  flag('no-build', 'bool', "Don't build an image, even if it's missing"),
  flag('force-recreate', 'bool', "Recreate containers even if their configuration and image haven't changed"),
  flag('no-recreate', 'bool', "If containers already exist, don't recreate them"),
  flag('pull', 'string', 'Pull image before running', { default: 'policy' }),
  flag('quiet-pull', 'bool', 'Pull without printing progress information'),
  flag('quiet-build', 'bool', 'Suppress the build output'),
  flag('remove-orphans', 'bool', 'Remove containers for services not defined in the Compose file'),
  flag('scale', 'list', 'Scale SERVICE to NUM instances'),
  flag('yes,y', 'bool', 'Assume "yes" as answer to all prompts'),
];

/** `--scale web=3`. @throws CliError */
export function scales(list: readonly string[]): Map<string, number> {
  return new Map(
    list.map((item) => {
      const [name = '', count = ''] = item.split('=');
      if (!/^\d+$/.test(count))
        throw new CliError(`invalid --scale option ${JSON.stringify(item)}. Should be SERVICE=NUM`);
      return [name, Number(count)];
    }),
  );
}

function createOptions({ flags, args }: ComposeContext): CreateOptions {
  if (flags.bool('build') && flags.bool('no-build')) throw new CliError('--build and --no-build are incompatible');
  if (flags.bool('force-recreate') && flags.bool('no-recreate')) throw new CliError('--force-recreate and --no-recreate are incompatible');
  const pull = flags.string('pull');
  return {
    services: args,
    build: flags.bool('build'),
    noBuild: flags.bool('no-build'),
    forceRecreate: flags.bool('force-recreate'),
    noRecreate: flags.bool('no-recreate'),
    ...(pull === 'policy' ? {} : { pull }),
    scale: scales(flags.list('scale')),
    removeOrphans: flags.bool('remove-orphans'),
  };
} // prettier-ignore

export const create: ComposeCommand = {
  use: 'create [OPTIONS] [SERVICE...]',
  short: 'Creates containers for a service',
  flags: createFlags,
  execute: async (context) => {
    await createProject(context, await context.project(), createOptions(context));
  },
};

export const scale: ComposeCommand = {
  use: 'scale [SERVICE=REPLICAS...]',
  short: 'Scale services',
  flags: [flag('no-deps', 'bool', "Don't start linked services")],
  execute: async (context) => {
    const project = await context.project();
    const wanted = scales(context.args);
    const services = await createProject(context, project, { services: [...wanted.keys()], scale: wanted, noRecreate: true, noDeps: context.flags.bool('no-deps') });
    await startServices(context, project, services);
  },
}; // prettier-ignore

export const up: ComposeCommand = {
  use: 'up [OPTIONS] [SERVICE...]',
  short: 'Create and start containers',
  flags: [
    ...createFlags,
    flag('abort-on-container-exit', 'bool', 'Stops all containers if any container was stopped'),
    flag('abort-on-container-failure', 'bool', 'Stops all containers if any container exited with failure'),
    flag('always-recreate-deps', 'bool', 'Recreate dependent containers', { notSimulated: true }),
    flag('attach', 'list', 'Restrict attaching to the specified services'),
    flag('attach-dependencies', 'bool', 'Automatically attach to log output of dependent services'),
    flag('detach,d', 'bool', 'Detached mode: Run containers in the background'),
    flag('exit-code-from', 'string', 'Return the exit code of the selected service container'),
    flag('menu', 'bool', 'Enable interactive shortcuts when running attached'),
    flag('no-attach', 'list', 'Do not attach (stream logs) to the specified services'),
    flag('no-color', 'bool', 'Produce monochrome output'),
    flag('no-deps', 'bool', "Don't start linked services"),
    flag('no-log-prefix', 'bool', "Don't print prefix in logs"),
    flag('no-start', 'bool', "Don't start the services after creating them"),
    flag('renew-anon-volumes,V', 'bool', 'Recreate anonymous volumes'),
    flag('timeout,t', 'int', 'Use this timeout in seconds for container shutdown'),
    flag('timestamps', 'bool', 'Show timestamps', { notSimulated: true }),
    flag('wait', 'bool', 'Wait for services to be running|healthy. Implies detached mode.'),
    flag('wait-timeout', 'int', 'Maximum duration in seconds to wait for the project to be running|healthy'),
    flag('watch,w', 'bool', 'Watch source code', { notSimulated: true }),
  ],
  execute: async (context) => {
    const { flags } = context;
    const project = await context.project();
    const options = { ...createOptions(context), noDeps: flags.bool('no-deps') };
    const services = await createProject(context, project, options);
    if (flags.bool('no-start')) return;
    if (!flags.bool('detach') && !flags.bool('wait')) return attached(context, project, services);
    await startServices(context, project, services);
    if (flags.bool('wait'))
      for (const row of await containersOf(context, project.name))
        if (services.some((service) => service.name === serviceOf(row))) await waitFor(context, row, 'running_or_healthy');
  },
}; // prettier-ignore

async function attached(context: ComposeContext, project: Project, services: readonly Service[]): Promise<void> {
  const { args, client, flags, process, err } = context;
  const only = flags.list('attach');
  const without = new Set(flags.list('no-attach'));
  const shown = (name: string) => !without.has(name) && (only.length > 0 ? only.includes(name) : args.length === 0 || args.includes(name) || flags.bool('attach-dependencies'));
  const rows = (await containersOf(context, project.name)).filter((row) => services.some((service) => service.name === serviceOf(row)));
  const attachedRows = rows.filter((row) => shown(serviceOf(row)));
  const names = attachedRows.map((row) => shortName(row, project.name));
  const output = new PrefixedOutput(context, names, { prefix: !flags.bool('no-log-prefix'), colour: !flags.bool('no-color') });
  await context.progress.flush();
  await context.out(`Attaching to ${names.join(', ')}\n`);
  let first: { service: string; status: number } | undefined;
  let stopping = false;
  const stopAll = async () => {
    if (stopping) return;
    stopping = true;
    for (const service of [...services].reverse())
      for (const row of rows.filter((each) => serviceOf(each) === service.name)) {
        const name = `Container ${nameOf(row)}`;
        await context.progress.working(name, 'Stopping');
        await client.request('POST', `/containers/${row.Id}/stop`, { query: flags.given('timeout') ? { t: flags.number('timeout') } : {} }).catch(ignoreGone);
        await context.progress.done(name, 'Stopped');
      }
  };
  let interrupts = 0;
  const undo = process.onSignal('SIGINT', () => {
    interrupts++;
    if (interrupts === 1) void context.out('Gracefully Stopping... press Ctrl+C again to force\n').then(stopAll).catch(() => {});
    else for (const row of rows) void client.request('POST', `/containers/${row.Id}/kill`).catch(() => {});
  });
  try {
    const watchers: Promise<void>[] = [];
    for (const row of attachedRows) {
      const connection = await client.hijack(`/containers/${row.Id}/attach`, { query: { stream: true, stdout: true, stderr: true } });
      connection.writer.close();
      const ended = await waitForExit(context, row.Id, row.State === 'running' ? 'not-running' : 'next-exit');
      watchers.push(
        (async () => {
          const name = shortName(row, project.name);
          await output.copy(name, connection.reader, connection.tty);
          const status = await ended.status();
          await output.ended(name, status);
          first ??= { service: serviceOf(row), status };
          const from = flags.string('exit-code-from');
          if (flags.bool('abort-on-container-exit') || from === serviceOf(row) || (flags.bool('abort-on-container-failure') && status !== 0)) {
            if (!stopping) await err('Aborting on container exit...\n');
            await stopAll();
          }
        })(),
      );
    }
    await startServices(context, project, services, true);
    for (const watcher of watchers) await watcher;
  } finally {
    undo();
  }
  const from = flags.string('exit-code-from');
  const status = from !== '' ? (await exitCode(context, project, from)) : flags.bool('abort-on-container-exit') || flags.bool('abort-on-container-failure') ? (first?.status ?? 0) : 0;
  if (status !== 0) throw new CliExit(status);
} // prettier-ignore

async function exitCode(context: ComposeContext, project: Project, service: string): Promise<number> {
  const row = (await containersOf(context, project.name)).find((each) => serviceOf(each) === service);
  if (!row) return 0;
  return (await context.client.json<{ State: { ExitCode: number } }>('GET', `/containers/${row.Id}/json`)).State.ExitCode;
} // prettier-ignore
