import { SpawnError } from '../../../process/index.ts';
import { Collector } from '../../../world/index.ts';
import { toYaml } from '../../../yaml/index.ts';
import { applyPatch } from '../apply/patch.ts';
import { configurationOf } from '../apply/last-applied.ts';
import { pruneMappings, visitPrunable } from '../apply/prune.ts';
import type { ApiObject, RestMapping } from '../client/types.ts';
import { klogLine } from '../framework/klog.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError, describeError, isConflict, isNotFound, SilentExit, usageError } from '../framework/errors.ts';
import { filenameFlags, filenameOptions, hasFilenames, selectorFlag } from '../framework/file-flags.ts';
import { isCommandFailure } from '../framework/failure.ts';
import { refresh, type Info } from '../resource/builder.ts';

/** `kubectl diff`: what apply would change. Exit status 1: differences; above: an error. */
export const diff: Command = {
  use: 'diff -f FILENAME',
  usageExit: 2,
  short: 'Diff the live version against a would-be applied version',
  long: `Diff configurations specified by file name or stdin between the current online configuration, and the configuration as it would be if applied.

The program of KUBECTL_EXTERNAL_DIFF is used if it is set, else "diff -u -N".

Exit status: 0 no differences, 1 differences, above 1 kubectl or diff failed.`,
  examples: '# What applying a file would change\nkubectl diff -f web.yaml',
  flags: [
    { name: 'concurrency', type: 'int', default: 1, usage: 'How many objects to look up at the same time.' },
    {
      name: 'field-manager',
      type: 'string',
      default: 'kubectl-client-side-apply',
      usage: 'Name under which the changed fields would be recorded.',
    },
    ...filenameFlags('to compare'),
    { name: 'force-conflicts', type: 'bool', usage: 'With --server-side, take over fields that others manage.' },
    { name: 'prune', type: 'bool', usage: 'Include resources that apply --prune would delete.' },
    {
      name: 'prune-allowlist',
      type: 'stringArray',
      usage: 'Types to prune, as <group/version/kind>, instead of the usual ones.',
    },
    selectorFlag,
    { name: 'server-side', type: 'bool', usage: 'If true, the server applies, not the client.' },
    { name: 'show-managed-fields', type: 'bool', usage: 'If true, managedFields are compared too.' },
  ],
  run: async (context) => {
    try {
      await run(context);
    } catch (error) {
      if (error instanceof SilentExit || !isCommandFailure(error)) throw error;
      // 1 says that there are differences, so errors are above it.
      const { text, exit } = describeError(error);
      await context.err(`${text}\n`);
      throw new SilentExit(Math.max(exit, 2));
    }
  },
};

async function run(context: Context): Promise<void> {
  const { flags, args, factory } = context;
  const files = filenameOptions(flags);
  if (args.length > 0) throw usageError(context, 'Unexpected args: [' + args.join(' ') + ']');
  if (!hasFilenames(files)) throw new CommandError('must specify one of -f and -k');
  if (flags.int('concurrency') < 1) throw new CommandError('--concurrency must be at least 1');
  if (flags.bool('force-conflicts') && !flags.bool('server-side'))
    throw new CommandError('--force-conflicts only works with --server-side');
  const { namespace, explicit } = factory.namespace();
  const result = await factory
    .builder()
    .continueOnError()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, files)
    .labelSelectorParam(flags.string('selector'))
    .flatten()
    .do();
  const { fs } = context.process.machine;
  const random = context.process.world.random.stream('kubectl-diff');
  const { uid, gid } = context.process.user;
  const owner = { uid, gid };
  const folder = (what: string) => {
    const path = `/tmp/${what}-${1_000_000_000 + random.int(3_000_000_000)}`;
    fs.mkdir(path, { recursive: true, mode: 0o700, ...owner });
    return path;
  };
  const live = folder('LIVE');
  const merged = folder('MERGED');
  try {
    try {
      const visited: Info[] = [];
      await result.visit(async (info) => {
        const { before, after } = await states(context, info);
        visited.push({ ...info, object: before ?? after });
        const name = fileName(info.mapping, info);
        if (info.mapping.group === '' && info.mapping.kind === 'Secret') {
          // Of a Secret that is new even its absence is written down.
          const masked = maskSecrets(before, after);
          fs.writeFile(`${live}/${name}`, masked.before ? text(context, masked.before) : 'null\n', owner);
          fs.writeFile(`${merged}/${name}`, text(context, masked.after), owner);
          return;
        }
        if (before) fs.writeFile(`${live}/${name}`, text(context, before), owner);
        fs.writeFile(`${merged}/${name}`, text(context, after), owner);
      });
      if (flags.bool('prune'))
        await visitPrunable(context, visited, await pruneMappings(context), (mapping, object) => {
          const { name = '', namespace = '' } = object.metadata;
          fs.writeFile(`${live}/${fileName(mapping, { name, namespace })}`, text(context, object), owner);
          return Promise.resolve();
        });
    } catch (error) {
      throw error instanceof CommandError ? new CommandError(error.message, 1) : error;
    }
    const status = await compare(context, live, merged);
    if (status !== 0) throw new SilentExit(status);
  } finally {
    for (const path of [live, merged]) fs.remove(path, { recursive: true });
  }
}

/** `apps.v1.Deployment.default.web`. */
function fileName(mapping: RestMapping, { namespace, name }: Pick<Info, 'namespace' | 'name'>): string {
  return [mapping.group, mapping.version, mapping.kind, namespace, name]
    .map((part) => part.replaceAll('/', '.'))
    .filter((part, i) => i > 0 || part !== '')
    .join('.');
}

/** How often the object may change under the comparison before it is done without a lock. */
const lockedAttempts = 4;

/** The object as it is and as it would be; the server says so in a dry run. */
async function states(context: Context, info: Info): Promise<{ before?: ApiObject; after: ApiObject }> {
  const local = info.object;
  for (let attempt = 1; ; attempt++) {
    const locked = attempt <= lockedAttempts;
    try {
      return await statesOnce(context, info, local, locked);
    } catch (error) {
      if (!isConflict(error) || !locked) throw error;
      if (attempt < lockedAttempts) continue;
      const gvk = { group: info.mapping.group, version: info.mapping.version, kind: info.mapping.kind };
      await context.err(
        klogLine(
          context.process,
          'W',
          'diff.go:721',
          `Object (${gvk.group}/${gvk.version}, Kind=${gvk.kind}: ${info.name}) keeps changing, diffing without lock`,
        ),
      );
    }
  }
}

async function statesOnce(
  context: Context,
  info: Info,
  local: ApiObject,
  locked: boolean,
): Promise<{ before?: ApiObject; after: ApiObject }> {
  const { flags, factory } = context;
  const client = factory.client();
  const write = { dryRun: true, fieldManager: flags.string('field-manager') };
  let before: ApiObject | undefined;
  try {
    await refresh(factory, info);
    before = info.object;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  const resourceVersion = locked ? before?.metadata.resourceVersion : undefined;
  const lock = resourceVersion === undefined ? {} : { resourceVersion };
  if (flags.bool('server-side')) {
    const wanted = { ...local, metadata: { ...local.metadata, ...lock } };
    const after = await client.patch(info.mapping, info.namespace, info.name, 'apply', wanted, {
      ...write,
      fieldManager: flags.changed('field-manager') ? write.fieldManager : 'kubectl',
      force: flags.bool('force-conflicts'),
    });
    return { before, after };
  }
  if (!before) return { after: await client.create(info.mapping, info.namespace, local, write) };
  const { patch, type } = applyPatch(before, JSON.parse(configurationOf(local, true)) as ApiObject, true);
  const withLock = { ...patch, metadata: { ...(patch.metadata as object | undefined), ...lock } };
  return { before, after: await client.patch(info.mapping, info.namespace, info.name, type, withLock, write) };
}

const mask = '***';

/** Values of Secrets are not shown, only which of them differ (diff.Masker). */
function maskSecrets(before: ApiObject | undefined, after: ApiObject): { before?: ApiObject; after: ApiObject } {
  const old = (before?.['data'] ?? {}) as Record<string, unknown>;
  const data = (after['data'] ?? {}) as Record<string, unknown>;
  const masked = (object: ApiObject, own: Record<string, unknown>, other: Record<string, unknown>, note: string) =>
    object['data'] === undefined
      ? object
      : {
          ...object,
          data: Object.fromEntries(
            Object.entries(own).map(([key, value]) => [
              key,
              Object.hasOwn(other, key) && other[key] !== value ? `${mask} (${note})` : mask,
            ]),
          ),
        };
  return {
    ...(before ? { before: masked(before, old, data, 'before') } : {}),
    after: masked(after, data, old, 'after'),
  };
}

/** An object as it is compared. */
function text(context: Context, object: ApiObject): string {
  const { managedFields, ...metadata } = object.metadata;
  const shown = context.flags.bool('show-managed-fields') && managedFields ? { ...metadata, managedFields } : metadata;
  return toYaml({ ...object, metadata: shown });
}

async function compare(context: Context, live: string, merged: string): Promise<number> {
  const external = context.process.env.get('KUBECTL_EXTERNAL_DIFF');
  const words = external
    ? external.split(' ').filter((w, i) => i === 0 || /^[a-zA-Z0-9_=-]+$/.test(w))
    : ['diff', '-u', '-N'];
  const stderr = new Collector();
  try {
    const status = await context.process.spawn([...words, live, merged], { stderr }).wait(context.process.cancel);
    if (status > 1)
      throw new CommandError(
        `failed to run ${JSON.stringify(words[0])}: ${stderr.text().trim() || `exit status ${status}`}`,
        status,
      );
    return status;
  } catch (error) {
    if (error instanceof SpawnError)
      throw new CommandError(`failed to run ${JSON.stringify(words[0])}: executable file not found in $PATH`, 2);
    throw error;
  }
}
