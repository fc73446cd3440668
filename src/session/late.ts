import type * as CelJs from '@marcbachmann/cel-js';
import type { RealClientData } from '../engine/kubernetes/apiserver/server.ts';
import type { Program } from '../engine/process/index.ts';
import type { Completers } from '../engine/shell/index.ts';
import type { suggestImage } from '../engine/runtime/suggest.ts';
import type { evaluateStep } from '../lessons/evaluate.ts';
import type { Preset } from './presets/index.ts';
import type { Input } from './protocol.ts';
import type { createInternet } from './web/internet.ts';

/** Code that nobody misses until something has been typed. */
export interface LateCode {
  /** Text tools, what runs in containers, and what is typed at a prompt where it is installed. */
  programs: Record<'tools' | 'servers' | 'clients', ReadonlyMap<string, Program>>;
  /** How programs complete their arguments at the prompt. */
  completers: Completers;
  /** What is put beside the workstation, by preset. */
  presets: ReadonlyMap<string, Preset>;
  /** Puts the web servers of the world on a room's network. */
  createInternet: typeof createInternet;
  evaluateStep: typeof evaluateStep;
  suggestImage: typeof suggestImage;
  /** Texts of the API's fields, for `kubectl explain`. */
  descriptions: NonNullable<RealClientData['descriptions']>;
  /** For policies and custom resources' rules; in the page `engine/kubernetes/cel/cel-js.ts` takes it from here. */
  cel: typeof CelJs;
}

let provided: LateCode | undefined;
const waiting: ((code: LateCode) => void)[] = [];

export function provideLateCode(code: LateCode): void {
  provided = code;
  for (const use of waiting.splice(0)) use(code);
}

/** For tests: as in a page that has loaded nothing yet. Returns how to give it back. */
export function withholdLateCode(): () => void {
  const before = provided;
  provided = undefined;
  return () => {
    if (before) provideLateCode(before);
  };
}

/** @throws Error when it isn't there: an input that needs it was let in too early (see `needsLateCode`). */
export function lateCode(): LateCode {
  if (!provided) throw new Error('code was needed before it was loaded');
  return provided;
}

/** Hands over the code now, or as soon as it is there. */
export function withLateCode(use: (code: LateCode) => void): void {
  if (provided) use(provided);
  else waiting.push(use);
}

/**
 * Whether an input can lead to code that is loaded late. Such an input is applied only when that code is there and the
 * room is furnished, so that loading never decides what happens in the world. A terminal that opens on the workstation
 * and plain characters at its prompt do not.
 */
export function needsLateCode(input: Input): boolean {
  switch (input.kind) {
    case 'terminal':
    case 'close-terminal':
    case 'resize':
    case 'step':
      return false;
    case 'keys':
      return /[\x00-\x1f\x7f-\x9f]/.test(input.data);
    default:
      return true;
  }
}
