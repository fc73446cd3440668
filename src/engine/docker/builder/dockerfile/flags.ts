import { parseError } from './error.ts';
import type { DockerfileNode } from './nodes.ts';
import { didYouMean } from './suggest.ts';

/** Flags of one instruction; those that may repeat keep all their values. */
export class FlagValues {
  readonly #values = new Map<string, string[]>();

  add(name: string, value: string): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  get(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  bool(name: string): boolean {
    return this.get(name) === 'true';
  }

  /** What keys a cache: all flags in order. */
  toString(): string {
    return [...this.#values].map(([name, values]) => `--${name}=${values.join(',')}`).join(' ');
  }
}

type Kind = 'string' | 'bool' | 'list';

const known: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  from: { platform: 'string' },
  add: { chown: 'string', chmod: 'string', link: 'bool', 'keep-git-dir': 'bool', checksum: 'string', unpack: 'bool', exclude: 'list' },
  copy: { chown: 'string', chmod: 'string', from: 'string', link: 'bool', parents: 'bool', exclude: 'list' },
  run: { mount: 'list', network: 'string', security: 'string', device: 'list' },
  healthcheck: { interval: 'string', timeout: 'string', 'start-period': 'string', 'start-interval': 'string', retries: 'string' },
}; // prettier-ignore

/** @throws DockerfileError for flags that the instruction doesn't have */
export function instructionFlags(node: DockerfileNode): FlagValues {
  const specs = known[node.name] ?? {};
  const values = new FlagValues();
  const fail = (message: string) => parseError(message, node);
  for (const word of node.flags) {
    const at = word.indexOf('=');
    const name = word.slice(2, at < 0 ? undefined : at);
    const value = at < 0 ? undefined : word.slice(at + 1);
    const kind = specs[name];
    if (!kind) throw fail(`unknown flag: --${name}${didYouMean(name, Object.keys(specs))}`);
    if (kind !== 'list' && values.get(name) !== undefined) throw fail(`duplicate flag specified: ${name}`);
    if (kind === 'bool') {
      const text = (value ?? 'true').toLowerCase();
      if (text !== 'true' && text !== 'false') throw fail(`expecting boolean value for flag ${name}, not: ${value}`);
      values.add(name, text);
    } else if (value === undefined) throw fail(`missing a value on flag: ${name}`);
    else values.add(name, value);
  }
  return values;
}
