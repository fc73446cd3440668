import { isConfigMapKey } from '../../../../kubernetes/apimachinery/names.ts';
import { FsError } from '../../../../world/index.ts';
import type { Context } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import type { FlagSpec } from '../../framework/flags.ts';
import { quote } from '../../framework/values.ts';

/** Flags of ConfigMap and Secret generators that name their data. */
export function dataFlags(kind: string): FlagSpec[] {
  return [
    { name: 'append-hash', type: 'bool', usage: `If true, a hash of the ${kind} becomes part of its name.` },
    { name: 'from-env-file', type: 'stringSlice', usage: `File of lines key=value that make up the ${kind}.` },
    {
      name: 'from-file',
      type: 'stringSlice',
      usage:
        'File whose name, or the given key, becomes a key and whose content the value; or a directory of such files.',
    },
    { name: 'from-literal', type: 'stringArray', usage: 'Key and value (e.g. mykey=somevalue).' },
  ];
}

export interface Entry {
  key: string;
  data: Uint8Array;
}

/** What the flags say. @throws CommandError */
export function dataEntries(context: Context, what: string): Entry[] {
  const { flags } = context;
  const envFiles = flags.strings('from-env-file');
  const files = flags.strings('from-file');
  const literals = flags.strings('from-literal');
  if (envFiles.length > 0 && (files.length > 0 || literals.length > 0))
    throw new CommandError('from-env-file cannot be combined with from-file or from-literal');
  const entries: Entry[] = [];
  const add = (key: string, data: Uint8Array) => {
    const problems = isConfigMapKey(key);
    if (problems.length > 0)
      throw new CommandError(
        `${quote(key)} is not a valid key name for a ${what.split(' ')[0]}: ${problems.join(';')}`,
      );
    if (entries.some((e) => e.key === key))
      throw new CommandError(
        `cannot add key ${quote(key)}, another key by that name already exists in Data for ${what}`,
      );
    entries.push({ key, data });
  };
  for (const file of files) addFile(context, file, add);
  for (const literal of literals) {
    const at = literal.indexOf('=');
    if (at < 1) throw new CommandError(`invalid literal source ${literal}, expected key=value`);
    let value = literal.slice(at + 1);
    if (value.length > 1 && /^(".*"|'.*')$/s.test(value)) value = value.slice(1, -1);
    add(literal.slice(0, at), bytes(value));
  }
  for (const file of envFiles) for (const { key, value } of envFile(context, file)) add(key, bytes(value));
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function addFile(context: Context, source: string, add: (key: string, data: Uint8Array) => void): void {
  const { fs } = context.process.machine;
  const parts = source.split('=');
  if (parts.length > 2) throw new CommandError("key names or file paths cannot contain '='");
  let [key = '', path] = parts;
  if (path === undefined) {
    path = key;
    key = '';
  } else if (key === '') throw new CommandError(`key name for file path ${path} missing`);
  else if (path === '') throw new CommandError(`file path for key name ${key} missing`);
  const full = context.process.path(path);
  const node = fs.lookup(full);
  if (node === undefined) throw new CommandError(`error reading ${path}: no such file or directory`);
  if (node.type === 'directory') {
    if (key !== '') throw new CommandError('cannot give a key name for a directory path');
    for (const name of fs.readdir(full))
      // Subdirectories and devices are passed over.
      if (fs.lookup(`${full}/${name}`)?.type === 'file') add(name, fs.readFile(`${full}/${name}`));
    return;
  }
  add(key === '' ? path.split('/').at(-1)! : key, fs.readFile(full));
}

/** The variables of an env file; a name without `=` takes its value from the environment. @throws CommandError */
export function envFile(context: Context, path: string): { key: string; value: string }[] {
  let text: string;
  try {
    text = context.process.machine.fs.readText(context.process.path(path));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === 'ENOENT') throw new CommandError(`error reading ${path}: no such file or directory`);
    throw new CommandError(`env config file cannot be a directory`);
  }
  const out: { key: string; value: string }[] = [];
  for (const raw of text.replace(/^\uFEFF/, '').split('\n')) {
    const line = raw.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    const key = at < 0 ? line : line.slice(0, at);
    const problems = envNameProblems(key);
    if (problems.length > 0) throw new CommandError(`${quote(key)} is not a valid key name: ${problems.join(';')}`);
    if (at >= 0) out.push({ key, value: line.slice(at + 1) });
    else out.push({ key, value: context.process.env.get(key) ?? '' });
  }
  return out;
}

/** The stricter rule that kubectl keeps for env files (validation.IsEnvVarName). */
export function envNameProblems(name: string): string[] {
  if (/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) return [];
  return [
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')",
  ];
}

/** Text that is UTF-8, or undefined. */
export function utf8(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}
