import { expect, test } from 'vitest';
import { commandName, type Command } from './framework/command.ts';
import { allFlags, helpText, pathText, type CommandPath } from './framework/help.ts';
import { root } from './verbs/index.ts';

function paths(command: Command, parents: readonly Command[] = []): CommandPath[] {
  const own = [...parents, command] as unknown as CommandPath;
  return [own, ...(command.commands ?? []).flatMap((c) => paths(c, own))];
}

test('no command declares a flag or a shorthand twice', () => {
  for (const p of paths(root)) {
    const flags = allFlags(p);
    const names = flags.map((f) => f.name);
    expect(new Set(names).size, `${pathText(p)}: ${names.join(' ')}`).toBe(names.length);
    const letters = flags.flatMap((f) => (f.shorthand ? [f.shorthand] : []));
    const twice = letters.filter((l, i) => letters.indexOf(l) !== i);
    expect(twice, pathText(p)).toEqual([]);
  }
});

test('every command has help with its usage line', () => {
  for (const p of paths(root)) expect(helpText(p)).toContain(`Usage:\n  ${pathText(p)}`);
  expect(new Set((root.commands ?? []).map(commandName)).size).toBe(root.commands!.length);
});
