import { ShellError } from '../errors.ts';
import type { Builtin } from './index.ts';

const history: Builtin = async (shell, args) => {
  const { history: list } = shell;
  const [, first, second] = args;
  if (first === '-c') {
    list.clear();
    return 0;
  }
  if (first === '-d') {
    if (!list.delete(Number(second))) throw new ShellError(`history: ${second}: history position out of range`);
    return 0;
  }
  if (first === '-s') {
    list.add(args.slice(2).join(' '));
    return 0;
  }
  if (first !== undefined && /^-[anrw]$/.test(first)) return 0;
  if (first !== undefined && !/^\d+$/.test(first)) throw new ShellError(`history: ${first}: numeric argument required`);
  const count = first === undefined ? list.entries.length : Math.min(Number(first), list.entries.length);
  const from = list.entries.length - count;
  const lines = list.entries.slice(from).map((entry, i) => `${String(list.first + from + i).padStart(5)}  ${entry}\n`);
  await shell.out(lines.join(''));
  return 0;
};

export const historyBuiltins: Record<string, Builtin> = { history };
