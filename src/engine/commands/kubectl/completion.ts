import type { Completer } from '../../shell/completion.ts';
import { completeLine } from './framework/complete-line.ts';
import { root } from './verbs/index.ts';

/** Tab completion of kubectl's command line, for the shell. */
export const completeKubectl: Completer = (context) => completeLine(root, context);
