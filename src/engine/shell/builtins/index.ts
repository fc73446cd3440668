import type { ArrayArguments } from '../simple.ts';
import type { Shell } from '../shell.ts';
import { controlBuiltins } from './control.ts';
import { declareBuiltins } from './declare.ts';
import { directoryBuiltins } from './directories.ts';
import { historyBuiltins } from './history.ts';
import { jobBuiltins } from './jobs.ts';
import { optionBuiltins } from './options.ts';
import { outputBuiltins } from './output.ts';
import { readBuiltins } from './read.ts';
import { testBuiltins } from './test.ts';
import { lookupBuiltins } from './lookup.ts';

/** A command that the shell runs itself. `args[0]` is its name. @throws ShellError: message and status */
export type Builtin = (shell: Shell, args: readonly string[], arrays: ArrayArguments) => Promise<number> | number;

/** All built-ins by name. */
export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>(
  Object.entries({
    ...controlBuiltins,
    ...declareBuiltins,
    ...directoryBuiltins,
    ...historyBuiltins,
    ...jobBuiltins,
    ...lookupBuiltins,
    ...optionBuiltins,
    ...outputBuiltins,
    ...readBuiltins,
    ...testBuiltins,
  }),
);

/** Their arguments may be assignments, arrays too. */
export const declarationBuiltins: ReadonlySet<string> = new Set(['declare', 'typeset', 'local', 'export', 'readonly']);
