import { applyJsonPatch, JsonPatchError, type Operation } from '../../../kubernetes/apimachinery/json-patch.ts';
import { deepCopy } from '../../../kubernetes/apimachinery/json.ts';
import { mergePatch } from '../../../kubernetes/apimachinery/merge-patch.ts';
import { strategicMergePatch, typeForKind } from '../../../kubernetes/schema/index.ts';
import { FsError } from '../../../world/index.ts';
import { loadYaml, YamlError } from '../../../yaml/index.ts';
import type { PatchType } from '../client/rest.ts';
import type { ApiObject, RestMapping } from '../client/types.ts';
import type { Command, Context } from '../framework/command.ts';
import { completeResources } from '../framework/completion.ts';
import { CommandError, StatusError } from '../framework/errors.ts';
import { dryRunFlag, fieldManagerFlag, filenameFlags, filenameOptions, localFlag } from '../framework/file-flags.ts';
import { recordFlag, recordPatch } from '../framework/record.ts';
import { quote } from '../framework/values.ts';
import { dryRunOf } from '../framework/write-options.ts';
import { goJson } from '../printers/json.ts';
import { printerFor, printFlags } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';

const types = ['json', 'merge', 'strategic'];

/** `kubectl patch`. */
export const patch: Command = {
  use: 'patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  short: 'Update fields of a resource',
  long: `Update fields of a resource with a strategic merge patch, a JSON merge patch or a JSON patch.

Patches are JSON or YAML. Custom resources take no strategic merge patch.`,
  examples: `# A node takes no more Pods
kubectl patch node k8s-node-1 -p '{"spec":{"unschedulable":true}}'

# A container's image; name tells which container
kubectl patch pod web -p '{"spec":{"containers":[{"name":"web","image":"new image"}]}}'

# With a JSON patch, by position
kubectl patch pod web --type=json -p='[{"op": "replace", "path": "/spec/containers/0/image", "value":"new image"}]'

# Through the scale subresource
kubectl patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":2}}'`,
  flags: [
    ...printFlags,
    dryRunFlag,
    fieldManagerFlag('kubectl-patch'),
    ...filenameFlags('to update'),
    localFlag,
    { name: 'patch', shorthand: 'p', type: 'string', usage: 'The patch, as JSON or YAML.' },
    { name: 'patch-file', type: 'string', usage: 'File with the patch.' },
    recordFlag,
    { name: 'subresource', type: 'string', usage: 'Subresource to patch instead of the object itself.' },
    {
      name: 'type',
      type: 'string',
      default: 'strategic',
      usage: 'The type of patch being provided; one of [json merge strategic]',
      values: types,
    },
  ],
  complete: completeResources,
  run,
};

async function run(context: Context): Promise<void> {
  const { flags, args, factory } = context;
  const local = flags.bool('local');
  if (flags.string('patch') === '' && flags.string('patch-file') === '')
    throw new CommandError('must specify --patch or --patch-file containing the contents of the patch');
  if (flags.string('patch') !== '' && flags.string('patch-file') !== '')
    throw new CommandError('cannot specify --patch and --patch-file together');
  if (local && args.length > 0) throw new CommandError('cannot specify --local and server resources');
  const type = flags.string('type');
  const dryRun = await dryRunOf(context);
  if (local && dryRun === 'server')
    throw new CommandError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
  if (!types.includes(type)) throw new CommandError(`--type must be one of [${types.join(' ')}], not ${quote(type)}`);
  const text = patchText(context);
  const { namespace, explicit } = local ? { namespace: 'default', explicit: false } : factory.namespace();
  const builder = factory
    .builder()
    .continueOnError()
    .namespaceParam(namespace)
    .defaultNamespace()
    .filenameParam(explicit, filenameOptions(flags))
    .subresource(flags.string('subresource'))
    .flatten();
  if (local) builder.local();
  else builder.resourceTypeOrNameArgs(false, args);
  const result = (await builder.do()).check();
  let count = 0;
  await result.visit(async (info) => {
    count++;
    const before = info.object;
    let after: ApiObject;
    if (!local && dryRun !== 'client')
      after = await factory
        .client()
        .patch(info.mapping, info.namespace, info.name, type as PatchType, text, {
          dryRun: dryRun === 'server',
          fieldManager: flags.string('field-manager'),
          subresource: flags.string('subresource') || undefined,
        })
        .catch((error: unknown) => {
          throw isUnsupported(error) ? new CommandError(unsupportedText(info.mapping, type, error)) : error;
        });
    else after = patchedHere(before, type, text);
    const cause = recordPatch(context);
    if (cause && !local && dryRun === 'none')
      after = await factory.client().patch(info.mapping, info.namespace, info.name, 'merge', cause);
    const done = goJson(before) === goJson(after) ? 'patched (no change)' : 'patched';
    await printWith(context, printerFor(context.process, flags, { operation: done })!, [after]);
  });
  if (count === 0) throw new CommandError('no objects passed to patch');
}

function isUnsupported(error: unknown): error is StatusError {
  return error instanceof StatusError && error.reason === 'UnsupportedMediaType';
}

/** Custom resources know no strategic merge patch. */
function unsupportedText({ group, version, kind }: RestMapping, type: string, { message }: StatusError): string {
  const mediaType = `application/${type === 'strategic' ? 'strategic-merge' : type === 'merge' ? 'merge' : 'json'}-patch+json`;
  return `${mediaType} is not supported by ${group ? `${group}/` : ''}${version}, Kind=${kind}: ${message}`;
}

/** The patch as JSON. What is no YAML goes to the server as it is. */
function patchText({ flags, process }: Context): string {
  const file = flags.string('patch-file');
  let text = flags.string('patch');
  if (file !== '')
    try {
      text = process.machine.fs.readText(process.path(file));
    } catch (error) {
      if (error instanceof FsError)
        throw new CommandError(`unable to read patch file: open ${file}: ${error.message.toLowerCase()}`);
      throw error;
    }
  if (/^\s*\{/.test(text)) {
    return text;
  }
  try {
    return JSON.stringify(loadYaml(text) ?? null);
  } catch (error) {
    if (error instanceof YamlError) throw new CommandError(`unable to parse ${quote(text)}: ${error.message}`);
    throw error;
  }
}

/** `--dry-run=client` and `--local`: the patch is carried out here. @throws CommandError */
function patchedHere(object: ApiObject, type: string, text: string): ApiObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CommandError(`unable to parse ${quote(text)}: invalid JSON`);
  }
  if (type === 'merge') return mergePatch(object, value) as ApiObject;
  if (type === 'json') {
    const copy = deepCopy(object);
    try {
      applyJsonPatch(copy, value as Operation[]);
    } catch (error) {
      throw error instanceof JsonPatchError ? new CommandError(error.message) : error;
    }
    return copy;
  }
  const schema = typeForKind(object.apiVersion, object.kind);
  if (!schema)
    throw new CommandError(
      `strategic merge patch is not supported for ${object.apiVersion}, Kind=${object.kind} locally, try --type merge`,
    );
  try {
    return strategicMergePatch(object, value as Record<string, unknown>, schema) as unknown as ApiObject;
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}
