import { decodeBase64 } from '../../client/base64.ts';
import type { ApiObject } from '../../client/types.ts';
import type { Command, Context } from '../../framework/command.ts';
import { CommandError } from '../../framework/errors.ts';
import { quote } from '../../framework/values.ts';
import { own, readAll } from '../../../../world/index.ts';
import { envNameProblems } from '../create/key-files.ts';
import { matches, podSpecOf, withPodSpec, type Container, type EnvVar } from './pod-template.ts';
import { find, splitPairs, update, updateFlags } from './updater.ts';

/** `kubectl set env`. */
export const setEnv: Command = {
  use: 'env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N',
  short: 'Update environment variables on a pod template',
  long: `Update environment variables on a pod template.

KEY=value sets a variable in every container that --containers fits, KEY- removes it, - reads pairs from standard input.

Possible resources include (case insensitive):

pod (po), replicationcontroller (rc), deployment (deploy), daemonset (ds), statefulset (sts), cronjob (cj), replicaset (rs)`,
  examples: `# Set a variable
kubectl set env deployment/web COLOR=blue

# Show the variables
kubectl set env deployment/web --list

# From a ConfigMap
kubectl set env deployment/web --from=configmap/conf

# Remove one
kubectl set env deployment/web COLOR-`,
  flags: [
    ...updateFlags,
    {
      name: 'containers',
      shorthand: 'c',
      type: 'string',
      default: '*',
      usage: 'Names of the containers to change; * stands for any letters.',
    },
    { name: 'env', shorthand: 'e', type: 'stringArray', usage: 'Variable to set, as key=value.' },
    { name: 'from', type: 'string', usage: 'ConfigMap or Secret whose keys become variables.' },
    { name: 'keys', type: 'stringSlice', usage: 'Only these keys of --from.' },
    { name: 'list', type: 'bool', usage: 'If true, show the variables.' },
    { name: 'overwrite', type: 'bool', default: true, usage: 'If true, variables that exist get the new value.' },
    { name: 'prefix', type: 'string', usage: 'Put before the names of variables from --from.' },
    { name: 'resolve', type: 'bool', usage: 'If true, show the values of keys in ConfigMaps and Secrets with --list.' },
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { flags } = context;
  const { resources, pairs } = splitPairs(context.args.filter((a) => a !== '-'));
  if (resources.length === 0 && flags.strings('filename').length === 0 && flags.string('kustomize') === '')
    throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  if (flags.bool('list') && flags.string('output') !== '')
    throw new CommandError('--list and --output may not be specified together');
  if (flags.strings('keys').length > 0 && flags.string('from') === '')
    throw new CommandError('when specifying --keys, a configmap or secret must be provided with --from');
  const changes = await variables(context, pairs);
  if (flags.bool('list')) return list(context, resources);
  const overwrite = flags.bool('overwrite');
  await update(context, resources, {
    done: 'env updated',
    quietIfSame: true,
    patchFailure: 'failed to patch env update to pod template: ',
    localIgnoresArguments: true,
    change: async (object) => {
      const fits = (c: Container) => matches(c.name, flags.string('containers'));
      const spec = podSpecOf(object);
      if (!(spec.containers ?? []).some(fits) && !(spec.initContainers ?? []).some(fits))
        await context.err(
          `Warning: ${object.kind}/${object.metadata.name} does not have any containers matching ${quote(flags.string('containers'))}\n`,
        );
      const apply = (c: Container) => (fits(c) ? withVariables(c, changes, overwrite) : c);
      return withPodSpec(object, (old) => ({
        ...old,
        ...(old.containers ? { containers: old.containers.map(apply) } : {}),
        ...(old.initContainers ? { initContainers: old.initContainers.map(apply) } : {}),
      }));
    },
  });
}

interface Changes {
  set: EnvVar[];
  remove: string[];
}

async function variables(context: Context, pairs: readonly string[]): Promise<Changes> {
  const { flags, process } = context;
  const changes: Changes = { set: [], remove: [] };
  const add = (text: string) => {
    const at = text.indexOf('=');
    if (at >= 0) {
      const name = text.slice(0, at);
      const problems = envNameProblems(name);
      if (problems.length > 0) throw new CommandError(`${quote(name)} is not a valid key name: ${problems.join(';')}`);
      changes.set.push({ name, value: text.slice(at + 1) });
    } else if (text.endsWith('-')) changes.remove.push(text.slice(0, -1));
    else throw new CommandError(`unknown environment variable: ${text}`);
  };
  pairs.forEach(add);
  flags.strings('env').forEach(add);
  if (context.args.includes('-'))
    new TextDecoder()
      .decode(await readAll(process.stdin, process.cancel))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .forEach(add);
  const both = changes.set.find((v) => changes.remove.includes(v.name));
  if (both) throw new CommandError('can not both modify and remove the same environment variable in the same command');
  if (flags.string('from') !== '') changes.set.push(...(await fromObject(context)));
  const prefix = flags.string('prefix');
  changes.set = changes.set.map((variable) => ({ ...variable, name: prefix + variable.name }));
  return changes;
}

/** References to the keys of a ConfigMap or Secret. */
async function fromObject(context: Context): Promise<EnvVar[]> {
  const { flags, factory } = context;
  const result = await factory
    .builder()
    .namespaceParam(factory.namespace().namespace)
    .defaultNamespace()
    .resourceTypeOrNameArgs(false, [flags.string('from')])
    .latest()
    .flatten()
    .do();
  const { infos, error } = await result.infos();
  if (error !== undefined) throw error;
  const found = infos.flatMap(({ object }) => {
    if (object.kind !== 'ConfigMap' && object.kind !== 'Secret')
      throw new CommandError(`unsupported resource specified in --from`);
    const ref = object.kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef';
    const wanted = flags.strings('keys');
    return Object.keys((object.data ?? {}) as Record<string, string>)
      .sort()
      .filter((key) => wanted.length === 0 || wanted.includes(key))
      .map((key) => ({
        key,
        name: keyToName(key),
        valueFrom: { [ref]: { key, name: object.metadata.name } },
      }));
  });
  for (const { key, name } of found)
    if (key !== name) await context.err(`Warning: key ${key} transferred to ${name}\n`);
  return found.map(({ name, valueFrom }) => ({ name, valueFrom }));
}

/** A key as a variable is named: upper case, everything else an underscore. */
function keyToName(key: string): string {
  return key.replace(/[^a-zA-Z0-9_]/g, '_').toUpperCase();
}

function withVariables(container: Container, { set, remove }: Changes, overwrite: boolean): Container {
  let env = [...(container.env ?? [])];
  for (const variable of set) {
    const at = env.findIndex((v) => v.name === variable.name);
    if (at < 0) env.push(variable);
    else if (overwrite) env[at] = variable;
    else
      throw new CommandError(
        `'${variable.name}' already has a value (${env[at]!.value ?? ''}), and --overwrite is false`,
      );
  }
  env = env.filter((v) => !remove.includes(v.name));
  const { env: _, ...rest } = container;
  return env.length > 0 ? { ...rest, env } : rest;
}

async function list(context: Context, resources: readonly string[]): Promise<void> {
  const { flags } = context;
  const result = (await find(context, resources, { localIgnoresArguments: true })).check();
  await result.visit(async ({ object }) => {
    const spec = podSpecOf(object);
    for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
      if (!matches(container.name, flags.string('containers'))) continue;
      await context.out(`# ${object.kind} ${object.metadata.name}, container ${container.name}\n`);
      for (const variable of container.env ?? []) await context.out(`${await shown(context, object, variable)}\n`);
    }
  });
}

async function shown(context: Context, object: ApiObject, variable: EnvVar): Promise<string> {
  const from = variable.valueFrom;
  if (!from) return `${variable.name}=${variable.value ?? ''}`;
  const text = sourceText(from);
  if (!context.flags.bool('resolve')) return `# ${variable.name} from ${text}`;
  for (const [field, resource] of [
    ['configMapKeyRef', 'configmaps'],
    ['secretKeyRef', 'secrets'],
  ] as const) {
    const ref = from[field] as { name: string; key: string } | undefined;
    if (!ref) continue;
    const source = await context.factory.client().json<ApiObject>({
      method: 'GET',
      path: `/api/v1/namespaces/${object.metadata.namespace ?? 'default'}/${resource}/${ref.name}`,
    });
    const value = (source.data as Record<string, string> | undefined)?.[ref.key];
    if (value === undefined)
      return `# ${variable.name} key ${ref.key} not found in ${field.replace('KeyRef', '')} ${ref.name}`;
    return `${variable.name}=${field === 'secretKeyRef' ? new TextDecoder().decode(decodeBase64(value)) : value}`;
  }
  const path = (from.fieldRef as { fieldPath: string } | undefined)?.fieldPath;
  const value = path === undefined ? undefined : fieldOf(object, path);
  return value === undefined ? `# ${variable.name} from ${text}` : `${variable.name}=${value}`;
}

/** What a fieldRef means for the object itself (fieldpath.ExtractFieldPathAsString); undefined if it can't be told. */
function fieldOf({ metadata }: ApiObject, path: string): string | undefined {
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript) return own(metadata[subscript[1] as 'labels' | 'annotations'], subscript[2]!) ?? '';
  switch (path) {
    case 'metadata.name':
    case 'metadata.namespace':
    case 'metadata.uid':
      return (metadata[path.slice('metadata.'.length)] as string | undefined) ?? '';
    default:
      return undefined;
  }
}

function sourceText(from: Record<string, unknown>): string {
  const config = from.configMapKeyRef as { name: string; key: string } | undefined;
  if (config) return `configmap ${config.name}, key ${config.key}`;
  const secret = from.secretKeyRef as { name: string; key: string } | undefined;
  if (secret) return `secret ${secret.name}, key ${secret.key}`;
  const field = from.fieldRef as { fieldPath: string } | undefined;
  if (field) return `field path ${field.fieldPath}`;
  const resource = from.resourceFieldRef as { resource: string; containerName?: string } | undefined;
  if (resource)
    return `resource field ${resource.containerName ? `${resource.containerName}, ` : ''}${resource.resource}`;
  return 'invalid valueFrom';
}
