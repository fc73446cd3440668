import { expandEscapes, printf } from '../printf.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';

const echo: Builtin = async (shell, args) => {
  let at = 1;
  let newline = true;
  let escapes = shell.flavor === 'dash' || shell.shopts.has('xpg_echo');
  for (; at < args.length; at++) {
    const options = /^-[neE]+$/.exec(args[at]!);
    if (!options || (shell.flavor === 'dash' && args[at] !== '-n')) break;
    for (const c of args[at]!.slice(1)) {
      if (c === 'n') newline = false;
      else escapes = c === 'e';
    }
  }
  let text = args.slice(at).join(' ');
  if (escapes) {
    const expanded = expandEscapes(text, false);
    text = expanded.text;
    if (expanded.stop) newline = false;
  }
  await shell.out(newline ? text + '\n' : text);
  return 0;
};

const printfBuiltin: Builtin = async (shell, args) => {
  let rest = args.slice(1);
  let variable: string | undefined;
  if (rest[0] === '-v' && rest.length > 1) {
    variable = rest[1]!;
    rest = rest.slice(2);
  }
  if (rest[0] === '--') rest = rest.slice(1);
  const [format, ...values] = rest;
  if (format === undefined) {
    await shell.printError('printf: usage: printf [-v var] format [arguments]\n');
    return 2;
  }
  if (format.length > 1 && format[0] === '-' && rest === args.slice(1)) {
    await shell.complain(`printf: ${format.slice(0, 2)}: invalid option`);
    return 2;
  }
  const { text, problems } = printf(format, values, { now: shell.world.clock.now() });
  if (variable === undefined) await shell.out(text);
  else assignElement(shell, variable, text);
  for (const problem of problems) await shell.complain(`printf: ${problem}`);
  return problems.length > 0 ? 1 : 0;
};

function assignElement(shell: Shell, target: string, value: string): void {
  const match = /^(\w+)\[(.+)\]$/.exec(target);
  if (match) shell.variables.setElement(match[1]!, match[2]!, value);
  else shell.variables.set(target, value);
}

export const outputBuiltins: Record<string, Builtin> = {
  echo,
  printf: printfBuiltin,
  ':': () => 0,
  true: () => 0,
  false: () => 1,
};
