import { sha256 } from '@noble/hashes/sha2.js';
import { encodeBase64 } from '../client/base64.ts';
import { clientVersion } from '../client/create-factory.ts';
import type { RestMapper } from '../client/discovery.ts';
import type { ApiObject, RestMapping } from '../client/types.ts';
import type { Context } from '../framework/command.ts';
import { aggregate, CommandError, errorText, isNotFound, NoResourceMatchError } from '../framework/errors.ts';
import { operation } from '../framework/write-options.ts';
import { namePrinter } from '../printers/data.ts';
import { printWith } from '../printers/write.ts';
import type { Info } from '../resource/builder.ts';
import type { ApplyOptions } from './apply-object.ts';

const domain = 'applyset.kubernetes.io';
const toolingAnnotation = `${domain}/tooling`;
const namespacesAnnotation = `${domain}/additional-namespaces`;
const kindsAnnotation = `${domain}/contains-group-kinds`;
const idLabel = `${domain}/id`;
const partOfLabel = `${domain}/part-of`;
const parentTypeLabel = `${domain}/is-parent-type`;
const tool = 'kubectl';

/**
 * A set of objects that are applied together (KEP-3659): a parent object tells of which kinds it has members, and the
 * members have its id as a label, so that those that are no longer applied can be found.
 */
export class ApplySet {
  readonly #context: Context;
  readonly #parent: RestMapping;
  readonly #name: string;
  readonly #namespace: string;
  /** Kinds and namespaces that the parent has told of until now. */
  #knownKinds = new Set<string>();
  #knownNamespaces = new Set<string>();
  #kinds = new Set<string>();
  #namespaces = new Set<string>();

  private constructor(context: Context, parent: RestMapping, name: string, namespace: string) {
    this.#context = context;
    this.#parent = parent;
    this.#name = name;
    this.#namespace = namespace;
  }

  /** @param text NAME of a Secret, or TYPE/NAME. @throws CommandError */
  static async parse(context: Context, text: string): Promise<ApplySet> {
    const slash = text.indexOf('/');
    const [type, name] = slash < 0 ? ['secrets', text] : [text.slice(0, slash), text.slice(slash + 1)];
    const fail = (why: string) => new CommandError(`invalid parent reference ${JSON.stringify(text)}: ${why}`);
    if (name === '') throw fail('name cannot be blank');
    const mapper = await context.factory.mapper();
    let parent: RestMapping;
    try {
      parent = mapper.mappingFor(type);
    } catch (error) {
      if (!(error instanceof CommandError || error instanceof NoResourceMatchError)) throw error;
      const [resource, ...group] = type.split('.');
      throw fail(`no matches for ${group.join('.')}/, Resource=${resource}`);
    }
    const { namespace, explicit } = context.factory.namespace();
    return new ApplySet(context, parent, name, parent.namespaced && explicit ? namespace : '');
  }

  /** What makes the parent unfit. @throws CommandError, AggregateErrors */
  async validate(): Promise<void> {
    const { group, version, resource, namespaced } = this.#parent;
    const faults: CommandError[] = [];
    if (namespaced && this.#namespace === '')
      faults.push(new CommandError('namespace is required to use namespace-scoped ApplySet'));
    const builtIn = group === '' && (resource === 'secrets' || resource === 'configmaps');
    if (!builtIn && !(await this.#isParentType())) {
      const shown = `${group}/${version}, Resource=${resource}`;
      faults.push(new CommandError(`resource ${JSON.stringify(shown)} is not permitted as an ApplySet parent`));
    }
    const failure = aggregate(faults);
    if (failure) throw failure;
  }

  /** A custom type is a parent if its definition says so. */
  async #isParentType(): Promise<boolean> {
    const { factory } = this.#context;
    const mapper = await factory.mapper();
    const definitions = mapper.mappingForKind({
      group: 'apiextensions.k8s.io',
      version: 'v1',
      kind: 'CustomResourceDefinition',
    });
    const { items } = await factory.client().list(definitions, '', { labelSelector: `${parentTypeLabel}=true` });
    return items.some((item) => item.metadata.name === `${this.#parent.resource}.${this.#parent.group}`);
  }

  /** `applyset-…-v1`: the same for the same parent, wherever it is applied from. */
  get id(): string {
    const { kind, group } = this.#parent;
    const text = [this.#name, this.#namespace, kind, group].join('.');
    const hash = encodeBase64(sha256(new TextEncoder().encode(text)));
    return `applyset-${hash.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}-v1`;
  }

  /** Before anything is applied: members get their label, and the parent tells of all kinds it had and will have. */
  async begin(infos: readonly Info[], options: ApplyOptions): Promise<void> {
    await this.#readParent();
    for (const info of infos) {
      const { labels } = info.object.metadata;
      if (labels?.[partOfLabel] !== undefined)
        throw new CommandError(`ApplySet label ${JSON.stringify(partOfLabel)} already set in input data`);
      const metadata = { ...info.object.metadata, labels: { ...labels, [partOfLabel]: this.id } };
      info.object = { ...info.object, metadata };
    }
    this.#kinds = new Set(infos.map((info) => groupKind(info.mapping)));
    this.#namespaces = new Set(infos.flatMap((info) => (info.mapping.namespaced ? [info.namespace] : [])));
    await this.#writeParent(
      new Set([...this.#knownKinds, ...this.#kinds]),
      new Set([...this.#knownNamespaces, ...this.#namespaces]),
      options,
    );
  }

  /** After all was applied: members that were not are deleted, and the parent tells of what is left. */
  async finish(applied: readonly Info[], options: ApplyOptions): Promise<void> {
    const { factory } = this.#context;
    const client = factory.client();
    const mapper = await factory.mapper();
    const kept = new Set(applied.map((info) => info.object.metadata.uid));
    const printer = namePrinter(operation('pruned', options.dryRun));
    for (const kind of [...this.#knownKinds].sort()) {
      const mapping = kindMapping(mapper, kind);
      const namespaces = mapping.namespaced ? [...this.#knownNamespaces].sort() : [''];
      for (const namespace of namespaces) {
        const list = await client.list(mapping, namespace, { labelSelector: `${partOfLabel}=${this.id}` });
        for (const item of list.items) {
          if (kept.has(item.metadata.uid)) continue;
          const object: ApiObject = { ...item, apiVersion: list.apiVersion, kind: mapping.kind };
          if (options.dryRun !== 'client') await this.#delete(mapping, object, options);
          await printWith(this.#context, printer, [object]);
        }
      }
    }
    await this.#writeParent(this.#kinds, this.#namespaces, options);
  }

  async #delete(mapping: RestMapping, object: ApiObject, options: ApplyOptions): Promise<void> {
    const { name = '', namespace = '' } = object.metadata;
    try {
      await this.#context.factory.client().delete(mapping, namespace, name, {
        propagationPolicy: 'Background',
        ...(options.dryRun === 'server' ? { dryRun: ['All'] } : {}),
      });
    } catch (error) {
      if (!isNotFound(error)) throw new CommandError(`pruning ${namespace}/${name}: ${errorText(error)}`);
    }
  }

  /** `configmaps./parent`, as messages name it. */
  get #shown(): string {
    return JSON.stringify(`${this.#parent.resource}.${this.#parent.group}/${this.#name}`);
  }

  async #readParent(): Promise<void> {
    let parent: ApiObject;
    try {
      parent = await this.#context.factory.client().get(this.#parent, this.#namespace, this.#name);
    } catch (error) {
      if (!isNotFound(error))
        throw new CommandError(`failed to fetch ApplySet parent object ${this.#shown}: ${errorText(error)}`);
      if (this.#parent.group !== '')
        throw new CommandError('custom resource ApplySet parents cannot be created automatically');
      if (this.#namespace !== '') this.#knownNamespaces.add(this.#namespace);
      return;
    }
    const annotations = (parent.metadata.annotations ?? {}) as Record<string, string>;
    const labels = parent.metadata.labels ?? {};
    const tooling = annotations[toolingAnnotation];
    if (tooling === undefined)
      throw new CommandError(
        `ApplySet parent object ${this.#shown} already exists and is missing required annotation ${JSON.stringify(toolingAnnotation)}`,
      );
    if (tooling.slice(0, Math.max(0, tooling.lastIndexOf('/'))) !== tool)
      throw new CommandError(
        `ApplySet parent object ${this.#shown} already exists and is managed by tooling ${JSON.stringify(tooling)} instead of ${JSON.stringify(tool)}`,
      );
    const id = labels[idLabel];
    if (id === undefined)
      throw new CommandError(
        `ApplySet parent object ${this.#shown} exists and does not have required label ${idLabel}`,
      );
    if (id !== this.id)
      throw new CommandError(
        `ApplySet parent object ${this.#shown} exists and has incorrect value for label ${JSON.stringify(idLabel)} (got: ${id}, want: ${this.id})`,
      );
    const kinds = annotations[kindsAnnotation];
    if (kinds === undefined)
      throw new CommandError(
        `parsing ApplySet annotation on ${this.#shown}: kubectl requires the ${JSON.stringify(kindsAnnotation)} annotation to be set on all ApplySet parent objects`,
      );
    this.#knownKinds = new Set(kinds.split(',').filter((kind) => kind !== ''));
    this.#knownNamespaces = new Set((annotations[namespacesAnnotation] ?? '').split(',').filter((ns) => ns !== ''));
    if (this.#namespace !== '') this.#knownNamespaces.add(this.#namespace);
  }

  async #writeParent(
    kinds: ReadonlySet<string>,
    namespaces: ReadonlySet<string>,
    options: ApplyOptions,
  ): Promise<void> {
    if (options.dryRun === 'client') return;
    const { group, version, kind } = this.#parent;
    const object = {
      kind,
      apiVersion: group === '' ? version : `${group}/${version}`,
      metadata: {
        name: this.#name,
        ...(this.#namespace === '' ? {} : { namespace: this.#namespace }),
        labels: { [idLabel]: this.id },
        annotations: {
          [namespacesAnnotation]: [...namespaces]
            .filter((ns) => ns !== this.#namespace)
            .sort()
            .join(','),
          [kindsAnnotation]: [...kinds].sort().join(','),
          [toolingAnnotation]: `${tool}/${clientVersion.gitVersion}`,
        },
      },
    };
    try {
      await this.#context.factory.client().patch(this.#parent, this.#namespace, this.#name, 'apply', object, {
        dryRun: options.dryRun === 'server',
        fieldManager: 'kubectl-applyset',
        fieldValidation: options.fieldValidation,
        force: options.forceConflicts,
      });
    } catch (error) {
      throw new CommandError(`failed to update ApplySet: ${errorText(error)}`);
    }
  }
}

/** `Deployment.apps`; the core group has no name. */
function groupKind({ group, kind }: RestMapping): string {
  return group === '' ? kind : `${kind}.${group}`;
}

function kindMapping(mapper: RestMapper, text: string): RestMapping {
  const dot = text.indexOf('.');
  const [kind, group] = dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)];
  return mapper.mappingForKind({ group, version: '', kind });
}
