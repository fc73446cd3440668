import type { Process } from '../../../process/index.ts';
import type { DockerClient } from '../client/client.ts';
import type { ConfigFile } from '../client/config-file.ts';
import type { Flag, Flags } from './flags.ts';

/** One docker command: data that help and parsing read, and what it does. */
export interface Command {
  /** Name and arguments as the usage line shows them: `logs [OPTIONS] CONTAINER`. */
  readonly use: string;
  /** Further lines of the usage, without `docker `. */
  readonly moreUse?: string;
  readonly aliases?: readonly string[];
  readonly short: string;
  readonly flags?: readonly Flag[];
  /** How many arguments: least and most. */
  readonly args?: readonly [least: number, most: number];
  readonly commands?: readonly Command[];
  /** Flags after the first argument belong to another program. */
  readonly passThrough?: boolean;
  /** Nothing of what it is given is parsed as flags. */
  readonly rawArguments?: boolean;
  readonly hidden?: boolean;
  /** Heading in the root command's help. */
  readonly group?: 'common' | 'management' | 'swarm';
  /** It belongs to a plugin, which calls itself so and says `ERROR: ` before what is wrong. */
  readonly plugin?: string;
  /** The support table says so. */
  readonly notSimulated?: string;
  readonly run?: (context: Context) => Promise<void>;
}

export interface Context {
  readonly process: Process;
  readonly command: Command;
  /** `docker container ls`. */
  readonly path: string;
  readonly args: readonly string[];
  readonly flags: Flags;
  readonly globals: Flags;
  readonly client: DockerClient;
  readonly config: ConfigFile;
  out(text: string): Promise<void>;
  err(text: string): Promise<void>;
}

export function commandName(command: Command): string {
  return command.use.split(' ', 1)[0]!;
}

/** The command under another name, as `ps` is `container ls`. */
export function renamed(command: Command, name: string, aliases?: readonly string[]): Command {
  const { group: _, ...rest } = command;
  return { ...rest, use: command.use.replace(/^\S+/, name), ...(aliases ? { aliases } : { aliases: [] }) };
}
