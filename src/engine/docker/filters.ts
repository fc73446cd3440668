import { perlRegex } from '../regex/linear.ts';
import { badRequest } from './errors.ts';

/** `filters=` of list and prune requests: a JSON object of lists, or of objects whose keys are the values. */
export class Filters {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  private constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  /** @throws EngineError 400 for a filter that isn't accepted, or no JSON */
  static parse(text: string, accepted: readonly string[]): Filters {
    const values = new Map<string, readonly string[]>();
    if (text !== '') {
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        throw badRequest('invalid filter');
      }
      for (const [key, value] of Object.entries((parsed ?? {}) as Record<string, unknown>)) {
        if (!accepted.includes(key)) throw badRequest(`invalid filter '${key}'`);
        values.set(key, Array.isArray(value) ? value.map(String) : Object.keys((value ?? {}) as object));
      }
    }
    return new Filters(values);
  }

  has(name: string): boolean {
    return (this.#values.get(name)?.length ?? 0) > 0;
  }

  get(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Any of the values is that text; true without the filter. */
  exact(name: string, text: string): boolean {
    return !this.has(name) || this.get(name).includes(text);
  }

  /** Any of the values matches as a regular expression, or is part of the text. */
  match(name: string, text: string): boolean {
    return !this.has(name) || this.get(name).some((value) => matches(value, text));
  }

  /** All of the values (`key` or `key=value`) hold for the labels. */
  labels(name: string, labels: Readonly<Record<string, string>> | undefined | null): boolean {
    return this.get(name).every((wanted) => {
      const at = wanted.indexOf('=');
      const key = at < 0 ? wanted : wanted.slice(0, at);
      const own = labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
      return own !== undefined && (at < 0 || own === wanted.slice(at + 1));
    });
  }

  /** None of the values holds. */
  withoutLabels(name: string, labels: Readonly<Record<string, string>> | undefined | null): boolean {
    return this.get(name).every((wanted) => {
      const at = wanted.indexOf('=');
      const key = at < 0 ? wanted : wanted.slice(0, at);
      const own = labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
      return own === undefined || (at >= 0 && own !== wanted.slice(at + 1));
    });
  }

  /** @throws EngineError `invalid filter 'dangling=[maybe]'` */
  bool(name: string): boolean | undefined {
    if (!this.has(name)) return undefined;
    const values = this.get(name);
    if (values.every((v) => v === '1' || v === 'true')) return true;
    if (values.every((v) => v === '0' || v === 'false')) return false;
    throw badRequest(`invalid filter '${name}=[${values.join(' ')}]'`);
  }
}

function matches(pattern: string, text: string): boolean {
  if (text.includes(pattern)) return true;
  try {
    return perlRegex(pattern).exec(text) !== null;
  } catch {
    return false;
  }
}

/** Unix ms of an `until` filter: an RFC 3339 date, Unix seconds or a duration before `now`. */
export function untilTime(text: string, now: number): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  if (/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    let ms = 0;
    for (const [, n, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h)/g)) ms += Number(n) * units[unit!]!;
    return now - ms;
  }
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  if (Number.isNaN(date)) throw badRequest(`invalid filter 'until=${text}'`);
  return date;
}
