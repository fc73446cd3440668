import type { Command } from './framework/command.ts';
import type { FlagSpec } from './framework/flags.ts';
import { pathText, type CommandPath } from './framework/help.ts';
import { globalFlags } from './framework/globals.ts';
import { root } from './verbs/index.ts';

/** Markdown that says of every command and flag whether the simulation has it. */
export function supportTable(): string {
  const sections = [
    section('Flags of all commands', undefined, globalFlags),
    ...commandPaths(root, [])
      .filter((path) => path.length > 1 && !path.at(-1)!.hidden)
      .map((path) => section(`\`${pathText(path)}\``, path.at(-1)!.notSimulated, path.at(-1)!.flags ?? [])),
  ];
  return [
    '# What kubectl can do here',
    '',
    'Every command and flag of kubectl that is known here. What is not simulated says so and exits with 1.',
    '',
    '<!-- Written by `node scripts/support-table.mjs` from the code; change that. -->',
    '',
    sections.join('\n\n'),
    '',
  ].join('\n');
}

function commandPaths(command: Command, parents: readonly Command[]): CommandPath[] {
  const own = [...parents, command] as unknown as CommandPath;
  return [own, ...(command.commands ?? []).flatMap((c) => commandPaths(c, own))];
}

function section(title: string, notSimulated: string | undefined, flags: readonly FlagSpec[]): string {
  const parts = [`## ${title}`];
  if (notSimulated !== undefined) parts.push(`Not simulated: ${notSimulated}.`);
  const shown = flags.filter((flag) => !flag.hidden);
  if (shown.length > 0) parts.push(table(shown));
  return parts.join('\n\n');
}

function table(flags: readonly FlagSpec[]): string {
  const rows = [...flags]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => [flagText(flag), support(flag)] as const);
  return ['| flag | simulated |', '| --- | --- |', ...rows.map(([flag, text]) => `| ${flag} | ${text} |`)].join('\n');
}

function flagText({ name, shorthand }: FlagSpec): string {
  return shorthand === undefined ? `\`--${name}\`` : `\`-${shorthand}\`, \`--${name}\``;
}

function support({ notSimulated }: FlagSpec): string {
  if (notSimulated === undefined) return 'yes';
  return notSimulated === true ? 'no' : `not: ${notSimulated}`;
}
