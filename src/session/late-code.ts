import * as cel from '@marcbachmann/cel-js';
import { completeKubectl } from '../engine/commands/kubectl/completion.ts';
import { completeDocker, docker } from '../engine/commands/docker/index.ts';
import { kubectl } from '../engine/commands/kubectl/index.ts';
import descriptions from '../engine/kubernetes/schema/generated/descriptions.json' with { type: 'json' };
import type { Program } from '../engine/process/index.ts';
import { textTools } from '../engine/programs/index.ts';
import { networkTools } from '../engine/programs/net/index.ts';
import { packageTools } from '../engine/programs/packages/index.ts';
import { systemServers } from '../engine/programs/servers/system.ts';
import { servers } from '../engine/programs/servers/registry.ts';
import { suggestImage } from '../engine/runtime/suggest.ts';
import { evaluateStep } from '../lessons/evaluate.ts';
import type { LateCode } from './late.ts';
import { presets } from './presets/index.ts';
import { createInternet } from './web/internet.ts';

/** Clients that are typed at a prompt, by name. */
const clients: ReadonlyMap<string, Program> = new Map<string, Program>([
  ['docker', docker],
  ['kubectl', kubectl],
]);

/** What no prompt needs: the page loads it right after the prompt, everything else has it from the start. */
export const code: LateCode = {
  programs: {
    tools: new Map([...textTools, ...networkTools]),
    servers: new Map([...systemServers, ...servers, ...packageTools]),
    clients,
  },
  completers: new Map([
    ['docker', completeDocker],
    ['kubectl', completeKubectl],
  ]),
  presets,
  createInternet,
  evaluateStep,
  suggestImage,
  descriptions,
  cel,
};
