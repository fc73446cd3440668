import type { RestMapper } from '../client/discovery.ts';
import { type GroupVersionResource, parseGroupVersion } from '../client/types.ts';
import type { Command } from '../framework/command.ts';
import { CommandError, NoResourceMatchError, NotSimulated } from '../framework/errors.ts';
import { explainSchema } from '../explain/render.ts';
import type { OpenApiDocument } from '../explain/schema.ts';

const outputs = ['plaintext', 'plaintext-openapiv2'];

export const explain: Command = {
  use: 'explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]',
  short: 'Get documentation for a resource',
  long: `Describes the fields of a resource type, or one of its fields and those below it.

A field is named by its path, as in:

 <type>.<fieldName>[.<fieldName>]

The texts come from the OpenAPI documents of the server.`,
  examples: `# The resource type and its fields
kubectl explain pods

# All fields of all fields
kubectl explain pods --recursive

# Deployments as the API version apps/v1 has them
kubectl explain deployments --api-version=apps/v1

# One field
kubectl explain pods.spec.containers`,
  flags: [
    { name: 'api-version', type: 'string', usage: 'The API group and version to use.' },
    {
      name: 'output',
      notSimulated: 'plaintext-openapiv2',
      shorthand: 'o',
      type: 'string',
      default: 'plaintext',
      usage: 'Format: plaintext or plaintext-openapiv2.',
    },
    {
      name: 'recursive',
      type: 'bool',
      usage: 'Show the names of all fields below at once, without their descriptions.',
    },
  ],
  async run({ args, flags, factory, out }) {
    const [request] = args;
    if (request === undefined)
      throw new CommandError(
        'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.\n',
      );
    if (args.length > 1) throw new CommandError('We accept only this format: explain RESOURCE\n');
    const output = flags.string('output');
    if (!outputs.includes(output)) throw new CommandError(`unrecognized format: ${output}`);
    if (output === 'plaintext-openapiv2') throw new NotSimulated('explain --output=plaintext-openapiv2');
    const mapper = await factory.mapper();
    const apiVersion = flags.string('api-version');
    const { resource, path } = parseRequest(mapper, request, apiVersion === '');
    const wanted = apiVersion === '' ? resource : { ...resource, ...parseGroupVersion(apiVersion) };
    const served = mapper.resources.find(
      (r) => r.group === wanted.group && r.version === wanted.version && r.name === wanted.resource,
    );
    if (!served)
      throw new CommandError(
        `couldn't find resource for "${wanted.group}/${wanted.version}, Resource=${wanted.resource}"`,
      );
    const { group, version, kind } = served;
    const id = group === '' ? `api/${version}` : `apis/${group}/${version}`;
    const index = await factory
      .client()
      .json<{ paths: Record<string, { serverRelativeURL: string }> }>({ method: 'GET', path: '/openapi/v3' });
    const location = index.paths[id]?.serverRelativeURL;
    if (location === undefined)
      throw new CommandError(`couldn't find resource for "${group}/${version}, Resource=${wanted.resource}"`);
    const [file = '', query = ''] = location.split('?');
    const document = await factory.client().json<OpenApiDocument>({
      method: 'GET',
      path: file,
      query: query === '' ? {} : { hash: query.replace(/^hash=/, '') },
    });
    await out(`${group === '' ? '' : `GROUP:      ${group}\n`}KIND:       ${kind}\nVERSION:    ${version}\n\n`);
    const schema = Object.values(document.components?.schemas ?? {}).find((candidate) =>
      candidate['x-kubernetes-group-version-kind']?.some(
        (gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind,
      ),
    );
    if (!schema)
      throw new CommandError(
        `error: GVK map[group:${group} kind:${kind} version:${version}] not found in OpenAPI schema`,
      );
    const text = explainSchema({ document, recursive: flags.bool('recursive') }, schema, path);
    if (text === undefined) throw new CommandError(`error: field ${JSON.stringify(path.at(-1))} does not exist`);
    await out(`${text}\n`);
  },
};

/**
 * Takes `deployments.apps.spec.replicas` apart. With `matchGroup`, what follows the type may be (the rest of) its group.
 * @throws NoResourceMatchError
 */
function parseRequest(
  mapper: RestMapper,
  request: string,
  matchGroup: boolean,
): { resource: GroupVersionResource; path: string[] } {
  const parts = request.split('.');
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  const [type = '', ...fields] = parts;
  if (matchGroup)
    for (let i = fields.length; i > 0; i--) {
      const group = fields.slice(0, i).join('.');
      const found = mapper.resources.find(
        (r) =>
          r.group === group &&
          [r.name, r.singularName, r.kind.toLowerCase(), ...r.shortNames].includes(type.toLowerCase()),
      );
      if (found) return { resource: { ...found, resource: found.name }, path: fields.slice(i) };
    }
  try {
    return { resource: mapper.mappingFor(type), path: fields };
  } catch (error) {
    if (error instanceof CommandError) throw new NoResourceMatchError({ group: '', version: '', resource: type });
    throw error;
  }
}
