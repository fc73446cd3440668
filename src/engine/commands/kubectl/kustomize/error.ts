import { CommandError } from '../framework/errors.ts';

/** What kustomize says when a build fails; kubectl prints it after `error: `. */
export class KustomizeError extends CommandError {}

/** YAML that can't be read. Where a file is named, no attempt is made to take it for a directory. */
export class MalformedYaml extends KustomizeError {}

/** Runs `step`; errors of kustomize get `prefix: ` before their text. */
export function withPrefix<T>(prefix: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof MalformedYaml) throw new MalformedYaml(`${prefix}: ${error.message}`);
    if (error instanceof KustomizeError) throw new KustomizeError(`${prefix}: ${error.message}`);
    throw error;
  }
}

/** Go's %q for the texts that occur here. */
export function goQuote(text: string): string {
  return JSON.stringify(text);
}
