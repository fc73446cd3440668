import type { Program } from '../../process/index.ts';
import { build } from './builder/build.ts';
import { builder, buildx } from './buildx/commands.ts';
import type { Completer } from '../../shell/completion.ts';
import { completeLine } from './completion.ts';
import { compose } from './compose/index.ts';
import { context } from './context/commands.ts';
import { execute, setVersionLine } from './framework/execute.ts';
import { commandName, type Command } from './framework/command.ts';
import { flag } from './framework/flags.ts';
import { container, image, shortcuts, system } from './groups.ts';
import { network } from './network/commands.ts';
import { login, logout } from './registry/login.ts';
import { manifest, plugin, trust } from './registry/manifest.ts';
import { checkpoint, swarmCommands } from './swarm/commands.ts';
import { completion, completeCommand } from './system/completion.ts';
import { inspect } from './system/inspect.ts';
import { version, versionLine } from './system/version.ts';
import { volume } from './volume/commands.ts';

const order = ['run', 'exec', 'ps', 'build', 'pull', 'push', 'images', 'login', 'logout', 'search', 'version', 'info'];
const common = new Set(order);

function sorted(commands: readonly Command[]): Command[] {
  return [...commands]
    .map((command): Command => (common.has(commandName(command)) ? { ...command, group: 'common' } : command))
    .sort((a, b) => {
      const [x, y] = [commandName(a), commandName(b)];
      if (common.has(x) && common.has(y)) return order.indexOf(x) - order.indexOf(y);
      return x < y ? -1 : 1;
    });
}

/** All of the docker command line. */
export const root: Command = {
  use: 'docker',
  short: 'A self-sufficient runtime for containers',
  flags: [
    flag('config', 'string', 'Directory of the client configuration'),
    flag('context,c', 'string', 'Context to use instead of DOCKER_HOST and the current one'),
    flag('debug,D', 'bool', 'Debug mode'),
    flag('host,H', 'list', "The Engine's address"),
    flag('log-level,l', 'string', 'Level of messages', { default: 'info' }),
    flag('tls', 'bool', 'Use TLS', { notSimulated: true }),
    flag('tlscacert', 'string', 'Certificate of the CA', { notSimulated: true }),
    flag('tlscert', 'string', 'Certificate of the client', { notSimulated: true }),
    flag('tlskey', 'string', 'Key of the client', { notSimulated: true }),
    flag('tlsverify', 'bool', 'Use TLS and check the server', { notSimulated: true }),
    flag('version,v', 'bool', 'Print version information and quit'),
  ],
  commands: sorted([
    ...shortcuts, build, builder, buildx, compose, container, image, system, network, volume, context, inspect, version, login, logout, manifest, plugin, trust, checkpoint,
    ...swarmCommands, completion, completeCommand(() => root),
  ]), // prettier-ignore
};

setVersionLine(versionLine);

export const docker: Program = (process) => execute(root, process);

export const completeDocker: Completer = (given) => completeLine(root, given);
