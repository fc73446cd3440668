import type { Process, Program } from '../../process/index.ts';
import { execute } from './framework/execute.ts';
import { root } from './verbs/index.ts';

/** The program `kubectl`. */
export const kubectl: Program = (process: Process) => execute(root, process);
