import type { RestMapper } from '../client/discovery.ts';
import type { ApiObject, RestMapping } from '../client/types.ts';
import { AggregateErrors, CommandError } from '../framework/errors.ts';
import { isCommandFailure } from '../framework/failure.ts';

/** One object that a command works on (resource.Info). */
export interface Info {
  mapping: RestMapping;
  /** '' for cluster-scoped kinds. */
  namespace: string;
  name: string;
  /** File it came from, or '' (`STDIN` for `-f -`). */
  readonly source: string;
  /** For selectors without `flatten`, a list (or a Table). */
  object: ApiObject;
}

/** An object of a source that could not be made out; the ones after it still can. */
export class BadItem {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

export type Source = () => AsyncGenerator<Info | BadItem>;

/** Prepares an object; false leaves it out. */
export type VisitStep = (info: Info) => Promise<boolean>;

export interface ResultOptions {
  sources: readonly Source[];
  steps: readonly VisitStep[];
  mapper?: RestMapper;
  continueOnError: boolean;
  flatten: boolean;
  single: boolean;
  targetsSingleItems: boolean;
  error?: unknown;
}

/** The objects found by a Builder (resource.Result). */
export class Result {
  readonly #options: ResultOptions;
  #ignore: ((error: unknown) => boolean)[] = [];

  constructor(options: ResultOptions) {
    this.#options = options;
  }

  /** What was wrong with the arguments. */
  get error(): unknown {
    return this.#options.error;
  }

  /** Exactly one object was asked for by name, so it is printed alone, not as a list. */
  get singleItemImplied(): boolean {
    return this.#options.single;
  }

  /** Objects were asked for by name or file, not by selector. */
  get targetsSingleItems(): boolean {
    return this.#options.targetsSingleItems;
  }

  ignoreErrors(...predicates: ((error: unknown) => boolean)[]): this {
    this.#ignore.push(...predicates);
    return this;
  }

  /** @throws if the arguments were wrong */
  check(): this {
    if (this.#options.error !== undefined) throw this.#options.error;
    return this;
  }

  /**
   * Calls `fn` for each object. With `continueOnError` all are visited and the errors come at the end.
   * @throws the error, or AggregateErrors
   */
  async visit(fn: (info: Info) => Promise<void>): Promise<void> {
    this.check();
    const { sources, steps, continueOnError } = this.#options;
    const errors: unknown[] = [];
    const fail = (error: unknown) => {
      if (!isCommandFailure(error)) throw error;
      if (this.#ignore.some((ignored) => ignored(error))) return;
      if (!continueOnError) throw error;
      errors.push(error);
    };
    for (const source of sources) {
      try {
        for await (const item of source()) {
          if (item instanceof BadItem) {
            fail(item.error);
            continue;
          }
          for (const info of this.#flattened(item)) {
            try {
              if (await prepare(info, steps)) await fn(info);
            } catch (error) {
              if (!continueOnError) throw error;
              fail(error);
            }
          }
        }
      } catch (error) {
        fail(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateErrors(errors);
  }

  /** All objects; those found before an error come with it. */
  async infos(): Promise<{ infos: Info[]; error?: unknown }> {
    const infos: Info[] = [];
    try {
      await this.visit((info) => {
        infos.push(info);
        return Promise.resolve();
      });
      return { infos };
    } catch (error) {
      if (!isCommandFailure(error)) throw error;
      return { infos, error };
    }
  }

  *#flattened(info: Info): Generator<Info> {
    const items = info.object?.items;
    if (!this.#options.flatten || !Array.isArray(items) || info.object.kind === 'Table') return void (yield info);
    for (const object of items as ApiObject[]) {
      if (info.object.kind === 'List') requireType(object);
      // Items of a server's list carry no kind of their own.
      const kind = object.kind ?? info.object.kind.replace(/List$/, '');
      const apiVersion = object.apiVersion ?? info.object.apiVersion;
      const full = { ...object, apiVersion, kind };
      const { mapper } = this.#options;
      const slash = apiVersion.indexOf('/');
      const mapping =
        (info.object.kind === 'List' || info.source !== '') && mapper
          ? mapper.mappingForKind({
              group: slash < 0 ? '' : apiVersion.slice(0, slash),
              version: apiVersion.slice(slash + 1),
              kind,
            })
          : info.mapping;
      yield {
        mapping,
        namespace: full.metadata?.namespace ?? '',
        name: full.metadata?.name ?? '',
        source: info.source,
        object: full,
      };
    }
  }
}

/** Items of a plain List must say what they are. */
function requireType({ apiVersion, kind }: Partial<ApiObject>): void {
  const missing =
    apiVersion === undefined
      ? `Object 'apiVersion' is missing in 'object has no apiVersion field'`
      : kind === undefined
        ? `Object 'Kind' is missing in 'object has no kind field '`
        : undefined;
  if (missing !== undefined)
    throw new CommandError(`unable to get type info from the object "*unstructured.Unstructured": ${missing}`);
}

async function prepare(info: Info, steps: readonly VisitStep[]): Promise<boolean> {
  for (const step of steps) if (!(await step(info))) return false;
  return true;
}
