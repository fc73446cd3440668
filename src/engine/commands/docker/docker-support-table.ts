import { commandName, type Command } from './framework/command.ts';
import type { Flag } from './framework/flags.ts';
import { root } from './index.ts';

/** Markdown that says of every docker command and flag whether the simulation has it. */
export function supportTable(): string {
  const sections = [section('Flags of all commands', undefined, root.flags ?? []), ...sectionsOf(root, 'docker')];
  return [
    '# What docker can do here',
    '',
    'Every command and flag of docker that is known here. What is not simulated says so and exits with 1.',
    '',
    '<!-- Written by `node scripts/support-table.mjs` from the code; change that. -->',
    '',
    sections.join('\n\n'),
    '',
  ].join('\n');
}

function sectionsOf(command: Command, path: string): string[] {
  return (command.commands ?? [])
    .filter((sub) => !sub.hidden)
    .flatMap((sub) => {
      const own = `${path} ${commandName(sub)}`;
      return sub.commands && !sub.run
        ? [
            ...(sub.notSimulated === undefined ? [] : [section(`\`${own}\``, sub.notSimulated, [])]),
            ...sectionsOf(sub, own),
          ]
        : [section(`\`${own}\``, sub.notSimulated, sub.flags ?? [])];
    });
}

function section(title: string, notSimulated: string | undefined, flags: readonly Flag[]): string {
  const parts = [`## ${title}`];
  if (notSimulated !== undefined) parts.push(`Not simulated: ${notSimulated}.`);
  const shown = flags.filter((flag) => !flag.hidden).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (shown.length > 0)
    parts.push(
      [
        '| flag | simulated |',
        '| --- | --- |',
        ...shown.map(
          ({ name, shorthand, notSimulated: no }) =>
            `| ${shorthand ? `\`-${shorthand}\`, ` : ''}\`--${name}\` | ${no ? 'no' : 'yes'} |`,
        ),
      ].join('\n'),
    );
  return parts.join('\n\n');
}
