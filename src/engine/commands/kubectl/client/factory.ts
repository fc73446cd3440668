import type { Process } from '../../../process/index.ts';
import type { FlagValues } from '../framework/flags.ts';
import type { Builder } from '../resource/builder.ts';
import type { ClientConfig } from './config.ts';
import type { RestMapper } from './discovery.ts';
import type { RestClient } from './rest.ts';

/** What commands need of the cluster, made on first use (cmdutil.Factory). */
export interface Factory {
  readonly process: Process;
  readonly flags: FlagValues;
  /** The merged kubeconfig with the overrides of the command line. @throws CommandError, ConfigurationError */
  config(): ClientConfig;
  /** The namespace to use, and whether `-n` (rather than the context) says so. */
  namespace(): { namespace: string; explicit: boolean };
  client(): RestClient;
  /** Discovery, asked of the server once per command. @throws RequestError */
  mapper(): Promise<RestMapper>;
  /** Discovery as it was kept from commands before, or asked of the server if there is nothing. @throws RequestError */
  cachedMapper(): Promise<RestMapper>;
  /** Finds the objects that arguments and files name. */
  builder(): Builder;
  /** The manifest that a kustomization directory builds. */
  kustomize(directory: string): Promise<string>;
  /** After the command: `--warnings-as-errors`. @throws CommandError */
  finish(): void;
}
