import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Process } from '../../../process/index.ts';
import { CliError } from '../framework/errors.ts';
import type { ConfigFile } from './config-file.ts';

export interface ContextMeta {
  Name: string;
  Metadata: { Description?: string };
  Endpoints: { docker: { Host: string; SkipTLSVerify: boolean } };
}

export function contextDirectory(config: ConfigFile, name: string): string {
  return `${config.directory}/contexts/meta/${bytesToHex(sha256(utf8ToBytes(name)))}`;
}

/** @throws CliError `context "x": context not found: …` */
export function readContext(process: Process, config: ConfigFile, name: string): ContextMeta {
  const path = `${contextDirectory(config, name)}/meta.json`;
  if (!process.machine.fs.exists(path))
    throw new CliError(`context "${name}": context not found: open ${path}: no such file or directory`);
  return JSON.parse(process.machine.fs.readText(path)) as ContextMeta;
}

export function listContexts(process: Process, config: ConfigFile): ContextMeta[] {
  const { fs } = process.machine;
  const root = `${config.directory}/contexts/meta`;
  if (!fs.exists(root)) return [];
  return fs
    .readdir(root)
    .filter((name) => fs.exists(`${root}/${name}/meta.json`))
    .map((name) => JSON.parse(fs.readText(`${root}/${name}/meta.json`)) as ContextMeta)
    .sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** The Engine's address in a context. */
export function contextHost(process: Process, config: ConfigFile, name: string): string {
  try {
    return readContext(process, config, name).Endpoints.docker.Host;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError(`Failed to initialize: unable to resolve docker endpoint: ${error.message}`);
  }
}
