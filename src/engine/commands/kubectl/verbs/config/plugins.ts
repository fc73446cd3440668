import type { Context } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import type { FlagSpec } from '../../framework/flags.ts';
import { wrongUse } from './arguments.ts';

/** Flags of `set-credentials` for programs and providers that give credentials. */
export const pluginFlags: readonly FlagSpec[] = [
  { name: 'auth-provider', type: 'string', usage: 'Auth provider for the user entry in kubeconfig' },
  {
    name: 'auth-provider-arg',
    type: 'stringSlice',
    usage: "'key=value' arguments for the auth provider; 'key-' takes one away",
  },
  {
    name: 'exec-api-version',
    type: 'string',
    usage: 'API version of the exec credential plugin for the user entry in kubeconfig',
  },
  { name: 'exec-arg', type: 'stringSlice', usage: 'New arguments for the exec credential plugin command' },
  {
    name: 'exec-command',
    type: 'string',
    usage: 'Command for the exec credential plugin for the user entry in kubeconfig',
  },
  {
    name: 'exec-env',
    type: 'stringArray',
    usage: "'key=value' environment values for the exec credential plugin; 'key-' takes one away",
  },
  {
    name: 'exec-interactive-mode',
    type: 'string',
    usage: 'InteractiveMode of the exec credential plugin: IfAvailable, Never or Always',
  },
  {
    name: 'exec-provide-cluster-info',
    type: 'bool',
    usage: 'ProvideClusterInfo of the exec credential plugin for the user entry in kubeconfig',
  },
];

interface ExecPlugin {
  command?: string;
  args?: readonly string[];
  env?: { name: string; value: string }[];
  apiVersion?: string;
  interactiveMode?: string;
  provideClusterInfo?: boolean;
}

interface Provider {
  name?: string;
  config?: Record<string, string>;
}

/** What the flags change of a user entry. @throws CommandError */
export async function pluginChanges(context: Context): Promise<(entry: Record<string, unknown>) => void> {
  const { flags } = context;
  const pairs = async (flag: string, words: readonly string[]) => {
    const set = new Map<string, string>();
    const remove: string[] = [];
    for (const word of words) {
      const at = word.indexOf('=');
      if (at > 0) set.set(word.slice(0, at), word.slice(at + 1));
      else if (word.endsWith('-')) remove.push(word.slice(0, -1));
      else throw await wrongUse(context, `invalid ${flag} format: ${word}`);
    }
    return { set, remove };
  };
  const args = await pairs('auth-provider-arg', flags.strings('auth-provider-arg'));
  const env = await pairs('exec-env', flags.strings('exec-env'));
  const mode = flags.string('exec-interactive-mode');
  if (!['', 'IfAvailable', 'Never', 'Always'].includes(mode))
    throw new CommandError('invalid interactive mode type, can be only IfAvailable, Never, Always');
  const execFlags = [
    'exec-api-version',
    'exec-arg',
    'exec-command',
    'exec-env',
    'exec-interactive-mode',
    'exec-provide-cluster-info',
  ];
  const changesExec = execFlags.filter((flag) => flags.changed(flag)).length > 0;
  return (entry) => {
    const provider = entry['auth-provider'] as Provider | undefined;
    if (flags.string('auth-provider') !== '' || provider) {
      const config = { ...provider?.config, ...Object.fromEntries(args.set) };
      for (const name of args.remove) delete config[name];
      entry['auth-provider'] = { config, name: flags.string('auth-provider') || provider?.name };
    }
    const exec = entry.exec as ExecPlugin | undefined;
    if (!changesExec || (!exec && flags.string('exec-command') === '')) return;
    const old = flags.changed('exec-command') ? { ...exec, args: undefined } : { ...exec };
    const kept = (old.env ?? []).filter(({ name }) => !env.set.has(name) && !env.remove.includes(name));
    const changed = [...kept, ...[...env.set].map(([name, value]) => ({ name, value }))];
    entry.exec = {
      ...old,
      command: flags.string('exec-command') || old.command,
      args: flags.changed('exec-arg') ? flags.strings('exec-arg') : old.args,
      env: old.env === undefined && changed.length === 0 ? undefined : changed,
      apiVersion: flags.string('exec-api-version') || old.apiVersion || 'client.authentication.k8s.io/v1',
      interactiveMode: mode || old.interactiveMode || 'IfAvailable',
      provideClusterInfo: flags.changed('exec-provide-cluster-info')
        ? flags.bool('exec-provide-cluster-info')
        : (old.provideClusterInfo ?? false),
    } satisfies ExecPlugin;
  };
}
