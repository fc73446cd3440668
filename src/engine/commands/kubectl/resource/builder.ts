import type { Factory } from '../client/factory.ts';
import { AggregateErrors, CommandError, RequestError, UnknownTypeError } from '../framework/errors.ts';
import { gvrText } from '../client/http-client.ts';
import type { RestMapper } from '../client/discovery.ts';
import { fileSource, expandPath } from './files.ts';
import { manifestSource, type ManifestOptions } from './manifest.ts';
import { Result, type Info, type Source, type VisitStep } from './result.ts';
import { selectorSource } from './selector.ts';
import { eachTypeWithEachName, joinLists, localResource, missingResource, splitTypeName } from './arguments.ts';
import { parseFileSelector } from './labels.ts';
import { refresh } from './refresh.ts';

export { refresh } from './refresh.ts';
export type { Info } from './result.ts';

interface Found {
  sources: Source[];
  single: boolean;
  targetsSingleItems: boolean;
}

/**
 * Collects which objects a command is about, from arguments, files and selectors, then `do()` gives a visitor of them
 * (resource.Builder; the methods have its names and meaning).
 */
export class Builder {
  readonly #factory: Factory;
  readonly #errors: unknown[] = [];
  #paths: { source: string; read: () => Promise<string> }[] = [];
  #singleFile = false;
  #names: string[] = [];
  #givenTypes: string[] = [];
  #givenTuples: { type: string; name: string }[] = [];
  #types: string[] = [];
  #tuples: { type: string; name: string }[] = [];
  #args: { allowEmptySelector: boolean; args: string[] } | undefined;
  #labelSelector: string | undefined;
  #fieldSelector: string | undefined;
  #namespace = '';
  #defaultNamespace = false;
  #requireNamespace = false;
  #allNamespaces = false;
  #continueOnError = false;
  #flatten = false;
  #latest = false;
  #local = false;
  #requireObject = true;
  #chunkSize = 0;
  #table = false;
  #includeObject: string | undefined;
  #subresource = '';
  #validate = false;

  constructor(factory: Factory) {
    this.#factory = factory;
  }

  /** `-f`: files, directories, globs, URLs, `-`. With `kustomize`, a directory to build. */
  filenameParam(
    enforceNamespace: boolean,
    options: { filenames: readonly string[]; recursive?: boolean; kustomize?: string },
  ): this {
    const { filenames, recursive = false, kustomize = '' } = options;
    if (kustomize !== '' && filenames.length > 0)
      this.#errors.push(new CommandError('only one of -f or -k can be specified'));
    if (kustomize !== '' && recursive) this.#errors.push(new CommandError("the -k flag can't be used with -f or -R"));
    if (kustomize !== '') {
      const build = this.#factory.kustomize;
      this.#paths.push({ source: kustomize, read: () => build(kustomize) });
    }
    for (const name of filenames) {
      try {
        const paths = expandPath(this.#factory, name, recursive);
        if (!recursive && paths.length === 1 && name !== '-') this.#singleFile = true;
        this.#paths.push(...paths);
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        this.#errors.push(error);
      }
    }
    if (enforceNamespace) this.#requireNamespace = true;
    return this;
  }

  /** A manifest that is there already, under the name `source` (resource.Builder.Stream). */
  stream(source: string, text: string): this {
    this.#paths.push({ source, read: () => Promise.resolve(text) });
    return this;
  }

  /** TYPE, TYPE NAME…, TYPE/NAME…; a type alone means all of them if `allowEmptySelector`. */
  resourceTypeOrNameArgs(allowEmptySelector: boolean, args: readonly string[]): this {
    this.#args = { allowEmptySelector, args: joinLists(args) };
    return this;
  }

  resourceTypes(...types: string[]): this {
    this.#types.push(...types);
    return this;
  }

  resourceNames(type: string, ...names: string[]): this {
    for (const name of names) this.#tuples.push(name.includes('/') ? splitTypeName(name) : { type, name });
    return this;
  }

  labelSelectorParam(selector: string): this {
    const text = selector.trim();
    if (text !== '') this.#labelSelector = text;
    return this;
  }

  fieldSelectorParam(selector: string): this {
    const text = selector.trim();
    if (text !== '') this.#fieldSelector = text;
    return this;
  }

  /** `--all`: everything of the types. */
  selectAllParam(all: boolean): this {
    if (!all) return this;
    if (this.#labelSelector !== undefined)
      this.#errors.push(new CommandError("setting 'all' parameter but found a non empty selector. "));
    this.#labelSelector ??= '';
    return this;
  }

  namespaceParam(namespace: string): this {
    this.#namespace = namespace;
    return this;
  }

  /** Objects without a namespace get the one of `namespaceParam`. */
  defaultNamespace(): this {
    this.#defaultNamespace = true;
    return this;
  }

  /** Objects of another namespace than that of `namespaceParam` are an error. */
  requireNamespace(): this {
    this.#requireNamespace = true;
    return this;
  }

  allNamespaces(all: boolean): this {
    if (all) {
      this.#namespace = '';
      this.#allNamespaces = true;
    }
    return this;
  }

  continueOnError(): this {
    this.#continueOnError = true;
    return this;
  }

  /** Lists are taken apart. */
  flatten(): this {
    this.#flatten = true;
    return this;
  }

  /** Objects from files are read again from the server. */
  latest(): this {
    this.#latest = true;
    return this;
  }

  /** No server: objects from files only. */
  local(): this {
    this.#local = true;
    return this;
  }

  requireObject(required: boolean): this {
    this.#requireObject = required;
    return this;
  }

  requestChunksOf(size: number): this {
    this.#chunkSize = size;
    return this;
  }

  /** Asks the server for Tables. */
  asTable(includeObject?: string): this {
    this.#table = true;
    this.#includeObject = includeObject;
    return this;
  }

  subresource(name: string): this {
    this.#subresource = name;
    return this;
  }

  /** Files must say what they are (`kind not set` …). */
  schema(validate: boolean): this {
    this.#validate = validate;
    return this;
  }

  async do(): Promise<Result> {
    const base = { continueOnError: this.#continueOnError, flatten: this.#flatten };
    try {
      const known =
        this.#local || (this.#errors.length > 0 && !this.#args) ? undefined : await this.#mapper(this.#validate);
      const { mapper, sources, single, targetsSingleItems } = await this.#resolve(known);
      const steps = this.#steps();
      return new Result({ ...base, sources, steps, mapper, single, targetsSingleItems });
    } catch (error) {
      return new Result({ ...base, sources: [], steps: [], single: false, targetsSingleItems: false, error });
    }
  }

  /** A type that is missing in what is known of the server may have come since: then the server is asked. */
  async #resolve(known: RestMapper | undefined): Promise<Found & { mapper: RestMapper | undefined }> {
    if (this.#local && (this.#args?.args.length ?? 0) > 0) throw new CommandError(localResource);
    const once = (mapper: RestMapper | undefined): Found & { mapper: RestMapper | undefined } => {
      const errors = [...this.#errors, ...this.#readArgs(mapper)];
      if (errors.length > 0) throw aggregateOf(errors);
      return { mapper, ...this.#sources(mapper) };
    };
    try {
      return once(known);
    } catch (error) {
      if (!known || !(error instanceof UnknownTypeError)) throw error;
      this.#names = [];
      this.#tuples = this.#givenTuples;
      this.#types = this.#givenTypes;
      return once(await this.#factory.mapper());
    }
  }

  /** Discovery, unless only the form of the arguments is wrong. */
  async #mapper(validating: boolean): Promise<RestMapper | undefined> {
    const nothing =
      this.#paths.length === 0 &&
      this.#types.length === 0 &&
      this.#tuples.length === 0 &&
      (this.#args?.args.length ?? 0) === 0;
    this.#givenTuples = [...this.#tuples];
    this.#givenTypes = [...this.#types];
    if (nothing) return undefined;
    if (validating && this.#paths.length > 0) await this.#requireSchema();
    return this.#factory.cachedMapper();
  }

  /** Files are validated before anything else, which needs the server's schema. @throws CommandError */
  async #requireSchema(): Promise<void> {
    try {
      await this.#factory.client().request({ method: 'GET', path: '/openapi/v3', query: { timeout: '32s' } });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const why = error.message.replace('/openapi/v3', '/openapi/v2');
      throw new CommandError(
        `error validating ${JSON.stringify(this.#paths[0]!.source)}: error validating data: failed to download openapi: ${why}; if you choose to ignore these errors, turn validation off with --validate=false`,
      );
    }
  }

  #readArgs(mapper: RestMapper | undefined): unknown[] {
    const errors: unknown[] = [];
    if (!this.#args) return errors;
    const { allowEmptySelector } = this.#args;
    const args = eachTypeWithEachName(this.#args.args);
    const combined = args.filter((a) => a.includes('/')).length;
    if (combined > 0 && combined !== args.length) {
      const name = this.#factory.process.argv[0]?.split('/').at(-1) ?? 'kubectl';
      errors.push(
        new CommandError(
          `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. '${name} get resource/<resource_name>' instead of '${name} get resource resource/<resource_name>'`,
        ),
      );
      return errors;
    }
    if (combined > 0) {
      for (const arg of args) {
        try {
          this.#tuples.push(splitTypeName(arg));
        } catch (error) {
          errors.push(error);
        }
      }
      return errors;
    }
    const [types, ...names] = args;
    if (types === undefined) return errors;
    this.#names.push(...names);
    const expanded = types.split(',').flatMap((t) => mapper?.expandCategory(t) ?? [t]);
    this.#types.push(...new Set(expanded));
    if (names.length === 0 && allowEmptySelector) this.#labelSelector ??= '';
    return errors;
  }

  #sources(mapper: RestMapper | undefined): Found {
    if (this.#paths.length > 0) return this.#fromPaths(mapper);
    if (this.#labelSelector !== undefined || this.#fieldSelector !== undefined) return this.#fromSelectors(mapper!);
    if (this.#tuples.length > 0) {
      if (this.#types.length > 0)
        throw new CommandError('you may not specify individual resources and bulk resources in the same call');
      const items = this.#tuples.map(({ type, name }) => this.#named(mapper!, type, name));
      return { sources: items, single: this.#tuples.length === 1, targetsSingleItems: true };
    }
    if (this.#names.length > 0) {
      if (this.#types.length === 0) throw new CommandError('you must provide a resource and a resource name together');
      if (this.#types.length > 1) throw new CommandError('you must specify only one resource');
      const items = this.#names.map((name) => this.#named(mapper!, this.#types[0]!, name));
      return { sources: items, single: this.#names.length === 1, targetsSingleItems: true };
    }
    if (this.#types.length > 0) {
      for (const type of this.#types) mapper!.mappingFor(type);
      throw new CommandError('resource(s) were provided, but no name was specified');
    }
    throw new CommandError(missingResource);
  }

  #fromPaths(mapper: RestMapper | undefined): Found {
    if (this.#types.length > 0)
      throw new CommandError(
        'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
      );
    if (this.#names.length > 0) throw new CommandError('name cannot be provided when a path is specified');
    if (this.#tuples.length > 0)
      throw new CommandError('resource/name arguments cannot be provided when a path is specified');
    const options: ManifestOptions = { mapper, refresh: this.#factory.mapper, validate: this.#validate };
    return {
      sources: this.#paths.map((path) => fileSource(path, (source, text) => manifestSource(source, text, options))),
      single: this.#singleFile && this.#paths.length === 1,
      targetsSingleItems: true,
    };
  }

  #fromSelectors(mapper: RestMapper): Found {
    if (this.#names.length > 0) throw new CommandError('name cannot be provided when a selector is specified');
    if (this.#tuples.length > 0)
      throw new CommandError('selectors and the all flag cannot be used when passing resource/name arguments');
    if (this.#types.length === 0) throw new CommandError('at least one resource must be specified to use a selector');
    const mappings = this.#types.map((type) => mapper.mappingFor(type));
    return {
      sources: mappings.map((mapping) =>
        selectorSource(this.#factory, mapping, {
          namespace: mapping.namespaced ? this.#namespace : '',
          labelSelector: this.#labelSelector ?? '',
          fieldSelector: this.#fieldSelector ?? '',
          chunkSize: this.#chunkSize,
          table: this.#table,
          includeObject: this.#includeObject,
        }),
      ),
      single: false,
      targetsSingleItems: false,
    };
  }

  #named(mapper: RestMapper, type: string, name: string): Source {
    const mapping = mapper.mappingFor(type);
    if (mapping.namespaced && this.#namespace === '')
      throw new CommandError(
        this.#allNamespaces
          ? 'a resource cannot be retrieved by name across all namespaces'
          : 'namespace may not be empty when retrieving a resource by name',
      );
    const info: Info = {
      mapping,
      namespace: mapping.namespaced ? this.#namespace : '',
      name,
      source: '',
      object: undefined as unknown as Info['object'],
    };
    return async function* () {
      yield { ...info };
    };
  }

  /** What is done with each object before the command sees it. */
  #steps(): VisitStep[] {
    const steps: VisitStep[] = [];
    const fromFiles = this.#paths.length > 0;
    const setNamespace: VisitStep = (info) => {
      if (!info.mapping.namespaced || info.namespace !== '') return Promise.resolve(true);
      info.namespace = this.#namespace;
      if (info.object?.metadata && !Array.isArray(info.object.items))
        info.object = { ...info.object, metadata: { ...info.object.metadata, namespace: this.#namespace } };
      return Promise.resolve(true);
    };
    if (fromFiles && this.#latest) {
      if (this.#defaultNamespace) steps.push(setNamespace);
      steps.push(async (info) => {
        if (info.mapping.namespaced && info.namespace === '')
          throw new CommandError(`no namespace set on resource ${gvrText(info.mapping)} ${JSON.stringify(info.name)}`);
        await this.#get(info);
        return true;
      });
    }
    if (fromFiles && this.#labelSelector) {
      const matches = parseFileSelector(this.#labelSelector);
      steps.push((info) => Promise.resolve(matches(info.object.metadata?.labels ?? {})));
    }
    if (this.#defaultNamespace) steps.push(setNamespace);
    if (this.#requireNamespace)
      steps.push((info) => {
        if (!info.mapping.namespaced) return Promise.resolve(true);
        if (info.namespace === '') {
          info.namespace = this.#namespace;
          if (info.object?.metadata)
            info.object = { ...info.object, metadata: { ...info.object.metadata, namespace: this.#namespace } };
        } else if (info.namespace !== this.#namespace)
          return Promise.reject(
            new CommandError(
              `the namespace from the provided object "${info.namespace}" does not match the namespace "${this.#namespace}". You must pass '--namespace=${info.namespace}' to perform this operation.`,
            ),
          );
        return Promise.resolve(true);
      });
    steps.push((info) => {
      // Cluster-scoped objects have no namespace, whatever a file says.
      if (!info.mapping.namespaced) {
        info.namespace = '';
        const { namespace, ...metadata } = info.object?.metadata ?? {};
        if (namespace !== undefined) info.object = { ...info.object, metadata };
      }
      return Promise.resolve(true);
    });
    if (this.#requireObject)
      steps.push(async (info) => {
        if (!info.object) await this.#get(info);
        return true;
      });
    return steps;
  }

  async #get(info: Info): Promise<void> {
    await refresh(this.#factory, info, {
      table: this.#table,
      includeObject: this.#includeObject,
      subresource: this.#subresource,
    });
  }
}

function aggregateOf(errors: readonly unknown[]): unknown {
  return errors.length === 1 ? errors[0] : new AggregateErrors(errors);
}
