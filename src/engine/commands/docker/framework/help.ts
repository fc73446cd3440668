import { commandName, type Command } from './command.ts';
import type { Flag } from './flags.ts';

/** `docker run [OPTIONS] IMAGE …`. */
export function usageLine(path: string, command: Command): string {
  const rest = command.use.slice(commandName(command).length);
  const own = `${path}${command.commands && !command.run ? ' COMMAND' : rest}`;
  return command.moreUse ? `${own}\n\t${command.moreUse}` : own;
}

export function helpText(path: string, command: Command, root: boolean): string {
  const lines = [`Usage:  ${root ? 'docker [OPTIONS] COMMAND' : usageLine(path, command)}`, '', command.short, ''];
  if (!root && command.commands) {
    lines.push('Commands:', ...commandLines(command.commands.filter((c) => !c.hidden)), '');
    lines.push(`Run '${path} COMMAND --help' for more information on a command.`);
    return `${lines.join('\n')}\n`;
  }
  if (root) {
    const all = (command.commands ?? []).filter((c) => !c.hidden);
    const section = (title: string, chosen: readonly Command[]) => {
      if (chosen.length > 0) lines.push(`${title}:`, ...commandLines(chosen), '');
    };
    section(
      'Common Commands',
      all.filter((c) => c.group === 'common'),
    );
    section(
      'Management Commands',
      all.filter((c) => c.group === 'management'),
    );
    section(
      'Swarm Commands',
      all.filter((c) => c.group === 'swarm'),
    );
    section(
      'Commands',
      all.filter((c) => !c.group),
    );
    lines.push('Global Options:', ...flagLines(command.flags ?? []), '');
    lines.push("Run 'docker COMMAND --help' for more information on a command.", '');
    lines.push('For more help on how to use Docker, head to https://docs.docker.com/go/guides/');
    return `${lines.join('\n')}\n`;
  }
  const flags = (command.flags ?? []).filter((f) => !f.hidden);
  if (flags.length > 0) lines.push('Options:', ...flagLines(flags));
  else lines.pop();
  return `${lines.join('\n')}\n`;
}

function commandLines(commands: readonly Command[]): string[] {
  const width = Math.max(10, ...commands.map((c) => commandName(c).length));
  return [...commands]
    .map((c) => [commandName(c), c.short] as const)
    .map(([name, short]) => `  ${name.padEnd(width + 2)}${short}`);
}

export function flagLines(flags: readonly Flag[]): string[] {
  const left = (f: Flag) => {
    const type = f.type === 'bool' ? '' : ` ${f.type}`;
    return `${f.shorthand ? `  -${f.shorthand}, ` : '      '}--${f.name}${type}`;
  };
  const sorted = flags.filter((f) => !f.hidden).sort((a, b) => (a.name < b.name ? -1 : 1));
  const width = Math.max(...sorted.map((f) => left(f).length));
  return sorted.map((f) => {
    const shown =
      f.default === undefined || f.default === false || f.default === '' || f.default === 0
        ? ''
        : ` (default ${typeof f.default === 'string' && f.type === 'string' ? JSON.stringify(f.default) : f.default})`;
    return `${left(f).padEnd(width + 3)}${f.usage}${shown}`;
  });
}
