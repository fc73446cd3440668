import { commandName, type Command, type Context } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag, parseFlags, type Parsed } from '../framework/flags.ts';
import { helpText, usageLine } from '../framework/help.ts';
import { down } from './commands/down.ts';
import { exec, run } from './commands/run.ts';
import { images, logs, ls, port, ps, top } from './commands/show.ts';
import { build, config, kill, pause, pull, restart, rm, start, stop, unpause, version } from './commands/simple.ts';
import { create, scale, up } from './commands/up.ts';
import { composeContext, type ComposeCommand } from './framework.ts';

const commands: readonly ComposeCommand[] = [
  build, config, create, down, exec, images, kill, logs, ls, pause, port, ps, pull, restart, rm, run, scale, start, stop, top, unpause, up, version,
]; // prettier-ignore

const notSimulated = [
  'attach',
  'bridge',
  'commit',
  'cp',
  'events',
  'export',
  'publish',
  'push',
  'stats',
  'volumes',
  'wait',
  'watch',
];

const globals = [
  flag('all-resources', 'bool', 'Include all resources, even those not used by services', { notSimulated: true }),
  flag('ansi', 'string', 'Control when to print ANSI control characters', { default: 'auto' }),
  flag('compatibility', 'bool', 'Run compose in backward compatibility mode', { notSimulated: true }),
  flag('dry-run', 'bool', 'Execute command in dry run mode', { notSimulated: true }),
  flag('env-file', 'list', 'Specify an alternate environment file'),
  flag('file,f', 'list', 'Compose configuration files'),
  flag('parallel', 'int', 'Control max parallelism, -1 for unlimited', { default: -1 }),
  flag('profile', 'list', 'Specify a profile to enable'),
  flag('progress', 'string', 'Set type of progress output (auto, tty, plain, json, quiet)'),
  flag('project-directory', 'string', 'Specify an alternate working directory'),
  flag('project-name,p', 'string', 'Project name'),
  flag('verbose', 'bool', 'Show more output', { hidden: true }),
  flag('version,v', 'bool', 'Show the Docker Compose version information'),
];

/** `docker compose`: its own flags come before the command's name. */
export const compose: Command = {
  use: 'compose [OPTIONS] COMMAND',
  short: 'Docker Compose',
  group: 'management',
  passThrough: true,
  flags: globals,
  run: async (context) => {
    const { args, flags, out, err } = context;
    const [name, ...rest] = args;
    if (flags.bool('version')) return out('Docker Compose version v2.40.3\n');
    const overview: Command = { ...compose, use: 'compose', commands: commands as unknown as Command[] };
    if (name === undefined || name === 'help') return (name === 'help' ? out : err)(helpText('docker compose', overview, false));
    const command = commands.find((each) => commandName(each as unknown as Command) === name || each.aliases?.includes(name));
    if (!command) {
      if (notSimulated.includes(name)) throw new CliError(`slipway: docker compose ${name} is not simulated`);
      throw new CliError(`unknown docker command: ${JSON.stringify(`compose ${name}`)}\n\nUsage:  docker compose [OPTIONS] COMMAND\n\nRun 'docker compose --help' for more information`);
    }
    await runCommand(context, command, rest);
  },
}; // prettier-ignore

async function runCommand(context: Context, command: ComposeCommand, argv: readonly string[]): Promise<void> {
  const asCommand = command as unknown as Command;
  const path = `docker compose ${commandName(asCommand)}`;
  const usage = usageLine(path, asCommand);
  let parsed: Parsed;
  try {
    parsed = parseFlags(command.flags ?? [], argv, !command.passThrough);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError(`${error.message}\n\nUsage:  ${usage}\n\nRun '${path} --help' for more information`, error.exit);
  }
  if (parsed.help) return context.out(helpText(path, asCommand, false));
  const [least, most] = command.args ?? [0, Infinity];
  if (parsed.args.length < least || parsed.args.length > most) {
    const wanted = least === most ? `requires ${least} argument${least === 1 ? '' : 's'}` : `requires at least ${least} argument${least === 1 ? '' : 's'}`;
    throw new CliError(`docker: '${path}' ${wanted}\n\nUsage:  ${usage}\n\nSee '${path} --help' for more information`);
  }
  for (const spec of command.flags ?? [])
    if (spec.notSimulated && parsed.flags.given(spec.name)) throw new CliError(`slipway: ${path} --${spec.name} is not simulated`);
  const own = { ...context, command: asCommand, path, args: parsed.args, flags: parsed.flags };
  const composing = composeContext(own, context.flags);
  try {
    await command.execute(composing);
  } finally {
    await composing.progress.flush();
  }
} // prettier-ignore
