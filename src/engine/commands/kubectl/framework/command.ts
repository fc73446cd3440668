import type { Process } from '../../../process/index.ts';
import type { Factory } from '../client/factory.ts';
import type { FlagSpec, FlagValues } from './flags.ts';

/** One kubectl (sub)command: data that help and parsing read, and what it does. One file in `verbs/` each. */
export interface Command {
  /** Name, then the arguments as the usage line shows them: `get (TYPE [NAME] | …)`; help adds ` [options]`. */
  readonly use: string;
  readonly aliases?: readonly string[];
  readonly short: string;
  readonly long?: string;
  /** Lines as shown, without the common indentation. */
  readonly examples?: string;
  readonly flags?: readonly FlagSpec[];
  readonly commands?: readonly Command[];
  /** Heading under which the root command's help lists it. */
  readonly group?: string;
  /** Works, but help does not list it. */
  readonly hidden?: boolean;
  /** What the simulation leaves out of the command; the support table shows it. */
  readonly notSimulated?: string;
  /** Words for which "Did you mean this?" names this command though they are not similar. */
  readonly suggestFor?: readonly string[];
  /** Arguments are not parsed: flags among them are the command's own business. */
  readonly rawArguments?: boolean;
  /** Exit status for wrong flags, where it is not 1. */
  readonly usageExit?: number;
  /** Candidates for the argument under the cursor; without it the shell offers files. */
  readonly complete?: (context: CompletionContext) => Promise<Offer> | Offer;
  /** Its --container offers those of the Pod. */
  readonly completesContainers?: boolean;
  /**
   * Does the work. Throw the errors of `errors.ts`; they are printed as kubectl prints them.
   * Without `run` the command only groups others: no arguments print its help, wrong ones are an error.
   */
  readonly run?: (context: Context) => Promise<void>;
}

/** What a running command has. */
export interface Context {
  readonly process: Process;
  readonly command: Command;
  /** `kubectl create deployment`. */
  readonly path: string;
  /** The root command, for help. */
  readonly root: Command;
  /** Positional arguments, those after `--` too. */
  readonly args: readonly string[];
  /** How many positional arguments stand before `--`; undefined if there is none. */
  readonly dashAt: number | undefined;
  readonly flags: FlagValues;
  readonly factory: Factory;
  /** Writes to stdout. */
  out(text: string): Promise<void>;
  /** Writes to stderr. */
  err(text: string): Promise<void>;
}

export interface CompletionContext extends Omit<Context, 'args' | 'dashAt'> {
  readonly args: readonly string[];
  /** The part of the word that is there already. */
  readonly word: string;
}

/** What stands to choose at the cursor. */
export interface Offer {
  readonly values: readonly string[];
  /** The word goes on behind the candidate. */
  readonly noSpace?: boolean;
  /** If there are none, the shell may offer files. */
  readonly files?: boolean;
}

export function commandName(command: Command): string {
  return command.use.split(' ', 1)[0]!;
}
