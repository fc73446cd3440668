import type { Status } from './status.ts';

/** Any error with a text of its own; printed as `error: TEXT` (once). */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exit: number;
  constructor(message: string, exit = 1) {
    super(message);
    this.exit = exit;
  }
}

/** No resource or kind of that name is known (cmdutil's form of a missing match). */
export class UnknownTypeError extends CommandError {}

/** Something the simulation leaves out; said plainly instead of doing nothing. */
export class NotSimulated extends Error {
  override name = 'NotSimulated';
  constructor(what: string) {
    super(`slipway: ${what} is not simulated`);
  }
}

/** Wrong use: printed with a pointer to the help (cmdutil.UsageErrorf). */
export function usageError(context: { path: string }, message: string): CommandError {
  return new CommandError(`${message}\nSee '${context.path} -h' for help and examples`);
}

/** Ends with a status, nothing more is printed (cmdutil.ErrExit and exec.ExitError without a text). */
export class SilentExit extends Error {
  override name = 'SilentExit';
  readonly exit: number;
  constructor(exit = 1) {
    super('exit');
    this.exit = exit;
  }
}

/** The server answered with a Status of failure (apierrors.StatusError). */
export class StatusError extends Error {
  override name = 'StatusError';
  readonly status: Status;
  constructor(status: Status) {
    super(status.message ?? '');
    this.status = status;
  }
  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** A request did not get through (url.Error): `Get "https://…": dial tcp …: connect: connection refused`. */
export class RequestError extends Error {
  override name = 'RequestError';
  readonly url: string;
  override readonly cause: string;
  constructor(method: string, url: string, cause: string) {
    super(`${method.slice(0, 1)}${method.slice(1).toLowerCase()} "${url}": ${cause}`);
    this.url = url;
    this.cause = cause;
  }
}

/** No kind or resource of that name (meta.NoResourceMatchError), printed without `error: `. */
export class NoResourceMatchError extends Error {
  override name = 'NoResourceMatchError';
  readonly resource: { group: string; version: string; resource: string };
  constructor(resource: { group: string; version: string; resource: string }) {
    const { group, version, resource: name } = resource;
    super(`no matches for ${group}/${version}, Resource=${name}`);
    this.resource = resource;
  }
}

/** No such kind (meta.NoKindMatchError): `no matches for kind "Pods" in version "v1"`. */
export class NoKindMatchError extends Error {
  override name = 'NoKindMatchError';
  constructor(kind: string, versions: readonly string[]) {
    super(
      versions.length === 0
        ? `no matches for kind "${kind}"`
        : versions.length === 1
          ? `no matches for kind "${kind}" in version "${versions[0]}"`
          : `no matches for kind "${kind}" in versions ${JSON.stringify(versions)}`,
    );
  }
}

/** The kubeconfig is unusable (clientcmd.errConfigurationInvalid): `invalid configuration: …`. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
  readonly errors: readonly string[];
  constructor(errors: readonly string[]) {
    super(`invalid configuration: ${errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`}`);
    this.errors = errors;
  }
}

/** Several errors at once (utilerrors.Aggregate). Text: `[a, b]`, or the only one. */
export class AggregateErrors extends Error {
  override name = 'AggregateErrors';
  readonly errors: readonly unknown[];
  constructor(errors: readonly unknown[]) {
    const texts = [...new Set(errors.map(errorText))];
    super(texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`);
    this.errors = errors;
  }
}

/** One error, or several as one. Undefined for none. */
export function aggregate(errors: readonly unknown[]): Error | undefined {
  if (errors.length === 0) return undefined;
  if (errors.length === 1) return errors[0] as Error;
  return new AggregateErrors(errors);
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isStatus(error: unknown, reason: string): error is StatusError {
  return error instanceof StatusError && error.reason === reason;
}

export const isNotFound = (error: unknown) => isStatus(error, 'NotFound');
export const isConflict = (error: unknown) => isStatus(error, 'Conflict');
export const isForbidden = (error: unknown) => isStatus(error, 'Forbidden');

/** Says which file an error belongs to (cmdutil.AddSourceToErr). */
export function withSource(verb: string, source: string, error: unknown): unknown {
  if (source === '') return error;
  const prefix = `error when ${verb} ${JSON.stringify(source)}: `;
  if (error instanceof StatusError)
    return new StatusError({ ...error.status, message: prefix + (error.status.message ?? '') });
  return new CommandError(prefix + errorText(error));
}

/** The text for errors with a form of their own (cmdutil.StandardErrorMessage). */
export function standardMessage(error: unknown): string | undefined {
  if (error instanceof StatusError) {
    if (error.reason === 'Unauthorized') return `error: You must be logged in to the server (${error.message})`;
    return error.reason !== ''
      ? `Error from server (${error.reason}): ${error.message}`
      : `Error from server: ${error.message}`;
  }
  if (error instanceof RequestError) {
    if (error.cause.includes('connection refused')) {
      const host = /^\w+:\/\/([^/?#]*)/.exec(error.url)?.[1] ?? error.url;
      return `The connection to the server ${host} was refused - did you specify the right host or port?`;
    }
    return `Unable to connect to the server: ${error.cause}`;
  }
  return undefined;
}

function messageOf(error: unknown): string {
  return standardMessage(error) ?? errorText(error);
}

function flatten(errors: readonly unknown[]): unknown[] {
  return errors.flatMap((e) => (e instanceof AggregateErrors ? flatten(e.errors) : [e]));
}

function multiline(prefix: string, errors: readonly string[]): string {
  if (errors.length === 1) return `${prefix}${errors[0]}`;
  return [prefix, ...errors.map((e) => `* ${e}`)].join('\n');
}

function invalidMessage({ status }: StatusError): string {
  const { details, message } = status;
  let text = 'The request is invalid';
  if (!details) return message ? `${text}: ${message}` : text;
  const causes = details.causes ?? [];
  if (details.kind || details.name) text = `The ${details.kind ?? ''} ${JSON.stringify(details.name ?? '')} is invalid`;
  else if (message && causes.length === 0) text = `${text}: ${message}`;
  if (causes.length === 0) return text;
  // A cause about no field keeps its colon.
  const texts = causes.map(({ field = '', message = '' }) => `${field}: ${message}`);
  return multiline(`${text}: `, [...new Set(texts)]);
}

/** What to print for an error, and the exit status (cmdutil.CheckErr). The text has no final newline. */
export function describeError(failure: unknown): { text: string; exit: number } {
  // One level only: an aggregate inside an aggregate is shown as several errors are, even if it has a single one.
  const error = failure instanceof AggregateErrors && failure.errors.length === 1 ? failure.errors[0] : failure;
  if (error instanceof NotSimulated) return { text: error.message, exit: 1 };
  if (error instanceof SilentExit) return { text: '', exit: error.exit };
  if (isStatus(error, 'Invalid')) return { text: invalidMessage(error), exit: 1 };
  if (error instanceof ConfigurationError)
    return { text: multiline('Error in configuration: ', error.errors), exit: 1 };
  if (error instanceof NoResourceMatchError) {
    const { group, version, resource } = error.resource;
    const where =
      group && version
        ? ` in group "${group}" and version "${version}"`
        : group
          ? ` in group "${group}"`
          : version
            ? ` in version "${version}"`
            : '';
    return { text: `the server doesn't have a resource type "${resource}"${where}`, exit: 1 };
  }
  if (error instanceof AggregateErrors) return { text: flatten(error.errors).map(messageOf).join('\n'), exit: 1 };
  const standard = standardMessage(error);
  if (standard !== undefined) return { text: standard, exit: 1 };
  const text = errorText(error);
  return {
    text: text.startsWith('error: ') ? text : `error: ${text}`,
    exit: error instanceof CommandError ? error.exit : 1,
  };
}
