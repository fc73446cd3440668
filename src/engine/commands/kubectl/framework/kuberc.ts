import type { Process } from '../../../process/index.ts';
import { loadYaml } from '../../../yaml/index.ts';
import { commandName, type Command } from './command.ts';
import { CommandError, SilentExit } from './errors.ts';
import type { FlagValues } from './flags.ts';
import { klogLine } from './klog.ts';

/** Preferences of the person at the prompt: `~/.kube/kuberc` (k8s.io/kubectl/pkg/kuberc). */

interface Option {
  name: string;
  default: string;
}

interface Alias {
  name: string;
  command: string;
  prependArgs: readonly string[];
  appendArgs: readonly string[];
  options: readonly Option[];
}

interface Preferences {
  defaults: readonly { command: string; options: readonly Option[] }[];
  aliases: readonly Alias[];
}

/** A command line with preferences applied. */
export interface PreferredCommandLine {
  root: Command;
  argv: readonly string[];
  /** Sets the flags that were not given. `words` are the command's, without `kubectl`. @throws SilentExit */
  setDefaults(words: readonly string[], flags: FlagValues): Promise<void>;
}

const group = 'kubectl.config.k8s.io';

/** Reads the preferences and applies aliases. @throws SilentExit after saying what is wrong with them */
export async function applyPreferences(
  root: Command,
  process: Process,
  argv: readonly string[],
): Promise<PreferredCommandLine> {
  const untouched: PreferredCommandLine = { root, argv, setDefaults: () => Promise.resolve() };
  const preferences = await readPreferences(process, argv);
  if (!preferences) return untouched;
  const fail = (text: string) => refuse(process, text);
  const names = new Set<string>();
  for (const { name } of preferences.aliases) {
    if (!/^[a-zA-Z]+$/.test(name)) await fail('invalid alias name, can only include alphabetical characters');
    if (names.has(name)) await fail(`duplicate alias name ${name}`);
    names.add(name);
  }
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const alias = preferences.aliases.find(({ name }) => name === argv[at]);
  const isBuiltIn = (root.commands ?? []).some((c) => commandName(c) === argv[at] || c.aliases?.includes(argv[at]!));
  const target = alias && !isBuiltIn ? commandOf(root, alias.command) : undefined;
  if (!alias || !target) return { ...untouched, setDefaults: defaultsSetter(process, preferences) };
  const { aliases: _, ...shared } = target;
  const command: Command = { ...shared, use: [alias.name, ...target.use.split(' ').slice(1)].join(' ') };
  const words = [...argv.slice(0, at + 1), ...alias.prependArgs, ...argv.slice(at + 1), ...alias.appendArgs];
  return {
    root: { ...root, commands: [...(root.commands ?? []), command] },
    argv: words,
    setDefaults: async (_words, flags) => {
      const given = new Set(flags.given);
      for (const { name, default: value } of alias.options) {
        if (!flags.has(name)) await fail(`invalid alias flag ${name} in alias kubectl`);
        if (given.has(name)) continue;
        await trySet(process, flags, name, value, `in alias kubectl`);
      }
    },
  };
}

function defaultsSetter(process: Process, { defaults }: Preferences): PreferredCommandLine['setDefaults'] {
  return async (words, flags) => {
    const given = new Set(flags.given);
    for (const { command, options } of defaults) {
      if (command !== words.join(' ')) continue;
      for (const { name, default: value } of options) {
        if (!flags.has(name)) await refuse(process, `invalid flag ${name} for command ${command}`);
        if (!given.has(name)) await trySet(process, flags, name, value, `of command ${command}`);
      }
    }
  };
}

async function trySet(process: Process, flags: FlagValues, name: string, value: string, where: string): Promise<void> {
  try {
    flags.set(name, value);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    await refuse(process, `could not apply value ${value} to flag ${name} ${where} err: ${error.message}`);
  }
}

async function refuse(process: Process, text: string): Promise<never> {
  await process.printError(`error occurred while applying preferences ${text}\n`);
  throw new SilentExit();
}

function commandOf(root: Command, words: string): Command | undefined {
  let command: Command | undefined = root;
  for (const word of words.split(' '))
    command = command?.commands?.find((c) => commandName(c) === word || c.aliases?.includes(word));
  return command;
}

/** The file that is meant, and whether somebody has named it. Undefined: preferences are switched off. */
function kubercPath({ env }: Process, argv: readonly string[]): { path: string; named: boolean } | undefined {
  if (/^(false|0)$/i.test(env.get('KUBECTL_KUBERC') ?? '') || env.get('KUBERC') === 'off') return undefined;
  const at = argv.findIndex((word) => word === '--kuberc' || word.startsWith('--kuberc='));
  const flag = at < 0 ? '' : argv[at] === '--kuberc' ? (argv[at + 1] ?? '') : argv[at]!.slice('--kuberc='.length);
  const named = flag || env.get('KUBERC') || '';
  return named !== '' ? { path: named, named: true } : { path: `${env.get('HOME') ?? ''}/.kube/kuberc`, named: false };
}

async function readPreferences(process: Process, argv: readonly string[]): Promise<Preferences | undefined> {
  const where = kubercPath(process, argv);
  if (!where) return undefined;
  const { fs } = process.machine;
  const path = process.path(where.path);
  if (fs.lookup(path)?.type !== 'file') {
    if (!where.named) return undefined;
    return refuse(process, `kuberc error kuberc: open ${where.path}: no such file or directory`);
  }
  const preferences = parse(fs.readText(path));
  if (!preferences) {
    const text = `kuberc: no preferences loaded from ${where.path}: no valid preferences found in ${where.path}, use --v=5 to see details`;
    // The real one forgets the end of the line, too.
    await process.printError(text);
    return undefined;
  }
  if (preferences.unknown !== undefined)
    await process.printError(
      `kuberc: ignoring strict decoding error in ${where.path}: strict decoding error: unknown field ${JSON.stringify(preferences.unknown)}`,
    );
  if (argv.some((word) => /^(-v=?|--v=)([5-9]|\d\d)$/.test(word))) {
    const text = `kuberc: using entry 1 (${preferences.apiVersion}) in ${where.path}`;
    await process.printError(klogLine(process, 'I', 'marshal.go:94', text));
  }
  return preferences;
}

const fields = ['apiVersion', 'kind', 'defaults', 'overrides', 'aliases'];

function parse(text: string): (Preferences & { apiVersion: string; unknown?: string }) | undefined {
  let value: unknown;
  try {
    value = loadYaml(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const file = value as Record<string, unknown>;
  const { apiVersion, kind } = file as { apiVersion?: string; kind?: string };
  const isBeta = apiVersion === `${group}/v1beta1`;
  if (kind !== 'Preference' || (!isBeta && apiVersion !== `${group}/v1alpha1`)) return undefined;
  const options = (entry: Record<string, unknown>): Option[] =>
    list(entry[isBeta ? 'options' : 'flags']) as unknown as Option[];
  const unknown = Object.keys(file).find(
    (field) => !fields.includes(field) || field === (isBeta ? 'overrides' : 'defaults'),
  );
  return {
    apiVersion: apiVersion!,
    defaults: list(file[isBeta ? 'defaults' : 'overrides']).map((entry) => ({
      command: String(entry['command'] ?? ''),
      options: options(entry),
    })),
    aliases: list(file['aliases']).map((entry) => ({
      name: String(entry['name'] ?? ''),
      command: String(entry['command'] ?? ''),
      prependArgs: (entry['prependArgs'] as string[] | undefined) ?? [],
      appendArgs: (entry['appendArgs'] as string[] | undefined) ?? [],
      options: options(entry),
    })),
    ...(unknown === undefined ? {} : { unknown }),
  };
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}
