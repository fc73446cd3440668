import { completeKubectl } from '../engine/commands/kubectl/completion.ts';
import { kubectl } from '../engine/commands/kubectl/index.ts';
import type { Program } from '../engine/process/index.ts';
import { textTools } from '../engine/programs/index.ts';
import { servers } from '../engine/programs/servers/index.ts';
import { createShells, type Completers } from '../engine/shell/index.ts';

/** Clients that are typed at a prompt, by name. */
const clients: ReadonlyMap<string, Program> = new Map<string, Program>([['kubectl', kubectl]]);

/** How programs complete their arguments at the prompt. */
const completers: Completers = new Map([['kubectl', completeKubectl]]);

/** Everything that an executable file of any host or image can be. */
export const programs: ReadonlyMap<string, Program> = new Map([
  ...textTools,
  ...createShells(completers),
  ...servers,
  ...clients,
]);
