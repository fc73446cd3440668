import { CliError, CliExit } from '../../framework/errors.ts';
import { flag, parseFlags } from '../../framework/flags.ts';
import { copyStreams, proxySignals, watchSize } from '../../client/terminal.ts';
import { exec as dockerExec } from '../../container/exec.ts';
import { waitForExit } from '../../container/wait-exit.ts';
import { createBody } from '../create.ts';
import { containersOf, numberOf, serviceOf, type ComposeCommand } from '../framework.ts';
import { chosenServices, createProject, startServices } from '../lifecycle.ts';
import { shellWords } from '../project/normalize.ts';
import { createProjectParts } from '../parts.ts';

export const exec: ComposeCommand = {
  use: 'exec [OPTIONS] SERVICE COMMAND [ARGS...]',
  short: 'Execute a command in a running container',
  args: [2, Infinity],
  passThrough: true,
  flags: [
    flag('detach,d', 'bool', 'Detached mode: Run command in the background'),
    flag('env,e', 'list', 'Set environment variables'),
    flag('index', 'int', 'Index of the container if service has multiple replicas'),
    flag('no-tty,T', 'bool', 'Disable pseudo-TTY allocation'),
    flag('privileged', 'bool', 'Give extended privileges to the process'),
    flag('user,u', 'string', 'Run the command as this user'),
    flag('workdir,w', 'string', 'Path to workdir directory for this command'),
    flag('interactive,i', 'bool', 'Keep STDIN open even if not attached', { default: true, hidden: true }),
    flag('tty,t', 'bool', 'Allocate a pseudo-TTY', { default: true, hidden: true }),
  ],
  execute: async (context) => {
    const { args, flags, process } = context;
    const [service = '', ...command] = args;
    const rows = (await containersOf(context, await context.projectName(), { all: false })).filter((row) => serviceOf(row) === service);
    const row = flags.given('index') ? rows.find((each) => numberOf(each) === flags.number('index')) : rows[0];
    if (!row) throw new CliError(`service ${JSON.stringify(service)} is not running${flags.given('index') ? ` container #${flags.number('index')}` : ''}`);
    const tty = !flags.bool('no-tty') && flags.bool('tty') && process.isatty.stdin && process.isatty.stdout;
    const argv = [
      ...(flags.bool('detach') ? ['--detach'] : []),
      ...(flags.bool('interactive') ? ['--interactive'] : []),
      ...(tty ? ['--tty'] : []),
      ...(flags.bool('privileged') ? ['--privileged'] : []),
      ...flags.list('env').flatMap((entry) => ['--env', entry]),
      ...(flags.string('user') === '' ? [] : ['--user', flags.string('user')]),
      ...(flags.string('workdir') === '' ? [] : ['--workdir', flags.string('workdir')]),
      row.Id,
      ...command,
    ];
    const parsed = parseFlags(dockerExec.flags ?? [], argv, false);
    await dockerExec.run!({ ...context, command: dockerExec, flags: parsed.flags, args: parsed.args });
  },
}; // prettier-ignore

export const run: ComposeCommand = {
  use: 'run [OPTIONS] SERVICE [COMMAND] [ARGS...]',
  short: 'Run a one-off command on a service',
  args: [1, Infinity],
  passThrough: true,
  flags: [
    flag('build', 'bool', 'Build image before starting container'),
    flag('detach,d', 'bool', 'Run container in background and print container ID'),
    flag('entrypoint', 'string', 'Override the entrypoint of the image'),
    flag('env,e', 'list', 'Set environment variables'),
    flag('interactive,i', 'bool', 'Keep STDIN open even if not attached', { default: true }),
    flag('label,l', 'list', 'Add or override a label'),
    flag('name', 'string', 'Assign a name to the container'),
    flag('no-TTY,T', 'bool', 'Disable pseudo-TTY allocation'),
    flag('no-deps', 'bool', "Don't start linked services"),
    flag('publish,p', 'list', "Publish a container's port(s) to the host"),
    flag('quiet', 'bool', "Don't print anything to STDOUT"),
    flag('quiet-pull', 'bool', 'Pull without printing progress information'),
    flag('remove-orphans', 'bool', 'Remove containers for services not defined in the Compose file'),
    flag('rm', 'bool', 'Automatically remove the container when it exits'),
    flag('service-ports,P', 'bool', "Run command with all service's ports enabled and mapped to the host"),
    flag('use-aliases', 'bool', "Use the service's network useAliases in the network(s) the container connects to"),
    flag('user,u', 'string', 'Run as specified username or uid'),
    flag('volume,v', 'list', 'Bind mount a volume'),
    flag('workdir,w', 'string', 'Working directory inside the container'),
  ],
  execute: async (context) => {
    const { args, client, flags, process, out } = context;
    const [name = '', ...command] = args;
    const project = await context.project();
    const [service] = chosenServices(project, [name], false);
    const dependencies = Object.keys(service!.depends_on ?? {});
    if (!flags.bool('no-deps') && dependencies.length > 0) {
      const others = await createProject(context, project, { services: dependencies });
      await startServices(context, project, others);
    }
    await createProjectParts(context, project, service!, flags.bool('build'));
    const detach = flags.bool('detach');
    const tty = !detach && !flags.bool('no-TTY') && process.isatty.stdin && process.isatty.stdout;
    const stdin = !detach && flags.bool('interactive');
    const suffix = process.world.random.stream('docker compose').hex(12);
    const entrypoint = flags.string('entrypoint');
    const body = createBody(project, service!, {
      number: 1,
      oneoff: true,
      command,
      ...(entrypoint === '' ? {} : { entrypoint: shellWords(entrypoint) }),
      environment: flags.list('env').map((entry) => (entry.includes('=') ? entry : `${entry}=${process.env.get(entry) ?? ''}`)),
      tty,
      stdin,
      ports: flags.bool('service-ports'),
      ...(flags.string('user') === '' ? {} : { user: flags.string('user') }),
      ...(flags.string('workdir') === '' ? {} : { workingDir: flags.string('workdir') }),
      remove: flags.bool('rm'),
      volumes: flags.list('volume'),
      publish: flags.list('publish'),
    });
    const { Id: id } = await client.json<{ Id: string }>('POST', '/containers/create', { query: { name: flags.string('name') || `${project.name}-${name}-run-${suffix}` }, body });
    if (detach) {
      await client.request('POST', `/containers/${id}/start`);
      return out(`${flags.string('name') || `${project.name}-${name}-run-${suffix}`}\n`);
    }
    const connection = await client.hijack(`/containers/${id}/attach`, { query: { stream: true, stdout: true, stderr: true, ...(stdin ? { stdin: true } : {}) } });
    const ended = await waitForExit(context, id, flags.bool('rm') ? 'removed' : 'next-exit');
    await client.request('POST', `/containers/${id}/start`);
    const stopProxy = tty ? () => {} : proxySignals(context, id);
    const stopSize = tty ? watchSize(context, `/containers/${id}/resize`) : () => {};
    try {
      await copyStreams(context, connection, { tty, stdin });
      const status = await ended.status();
      if (status !== 0) throw new CliExit(status);
    } finally {
      stopProxy();
      stopSize();
      connection.close();
    }
  },
}; // prettier-ignore
