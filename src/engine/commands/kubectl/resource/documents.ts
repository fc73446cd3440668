import { loadYaml, YamlError } from '../../../yaml/index.ts';

/**
 * Cuts a stream at lines that begin with `---` as kubectl's YAML reader does; line numbers in errors count from the
 * beginning of a document.
 * @throws Error for a separator that is followed by something
 */
export function splitDocuments(text: string): string[] {
  const documents: string[] = [];
  let current = '';
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    if (line.startsWith('---')) {
      const rest = line.slice(3).trim();
      if (rest !== '' && !rest.startsWith('#')) throw new Error(`invalid Yaml document separator: ${rest}`);
      if (current !== '') documents.push(current);
      current = '';
    } else current += line;
  }
  if (current !== '') documents.push(current);
  return documents;
}

/**
 * The objects of a manifest, JSON or YAML, one after the other; `null` documents are left out.
 * @throws Error in the words of kubectl's decoder, at the document that is broken
 */
export function* decodeDocuments(text: string): Generator<unknown> {
  if (/^\s*\{/.test(text)) {
    const values = jsonStream(text);
    if (Array.isArray(values)) {
      yield* values;
      return;
    }
    // Not JSON after all: YAML flow style. If that fails too, the JSON error counts.
    try {
      yield* [...yamlDocuments(text)];
    } catch {
      throw values;
    }
    return;
  }
  yield* yamlDocuments(text);
}

function* yamlDocuments(text: string): Generator<unknown> {
  for (const document of splitDocuments(text)) {
    let value: unknown;
    try {
      value = loadYaml(document);
    } catch (error) {
      if (error instanceof YamlError) throw new Error(`error converting YAML to JSON: ${error.message}`);
      throw error;
    }
    if (value !== undefined && value !== null) yield value;
  }
}

/** Concatenated JSON values, or what is wrong with them. */
function jsonStream(text: string): unknown[] | Error {
  const values: unknown[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const end = valueEnd(rest);
    try {
      values.push(JSON.parse(rest.slice(0, end)));
    } catch {
      return new Error(jsonSyntaxError(rest.slice(0, end), text.length - rest.length));
    }
    rest = rest.slice(end).trimStart();
  }
  return values;
}

function valueEnd(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (c === '{' || c === '[') depth++;
    else if (c === '}' || c === ']') {
      if (--depth <= 0) return i + 1;
    }
  }
  return text.length;
}

/** encoding/json's words for the first error. */
function jsonSyntaxError(text: string, offset: number): string {
  const stack: string[] = [];
  let state: 'value' | 'firstKey' | 'key' | 'colon' | 'after' | 'firstValue' = 'value';
  const show = (c: string) => (c === "'" ? `'\\''` : c === '"' ? `'"'` : `'${c}'`);
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (/\s/.test(c)) continue;
    const fail = (where: string) => `json: offset ${offset + i + 1}: invalid character ${show(c)} ${where}`;
    if (state === 'colon') {
      if (c !== ':') return fail('after object key');
      state = 'value';
      continue;
    }
    if (state === 'after') {
      const top = stack.at(-1);
      if (c === ',' && top) state = top === '{' ? 'key' : 'value';
      else if ((c === '}' && top === '{') || (c === ']' && top === '[')) stack.pop();
      else
        return fail(
          top === '{' ? 'after object key:value pair' : top === '[' ? 'after array element' : 'after top-level value',
        );
      continue;
    }
    if (state === 'firstKey' || state === 'key') {
      if (c === '}' && state === 'firstKey') {
        stack.pop();
        state = 'after';
        continue;
      }
      if (c !== '"') return fail('looking for beginning of object key string');
    }
    if (c === '"') {
      const isKey: boolean = state === 'firstKey' || state === 'key';
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
      state = isKey ? 'colon' : 'after';
    } else if (c === '{') {
      stack.push(c);
      state = 'firstKey';
    } else if (c === '[') {
      stack.push(c);
      state = 'firstValue';
    } else if (c === ']' && state === 'firstValue') {
      stack.pop();
      state = 'after';
    } else {
      const word = /^(true|false|null|-?\d+(\.\d+)?([eE][+-]?\d+)?)/.exec(text.slice(i))?.[0];
      if (!word) return fail('looking for beginning of value');
      i += word.length - 1;
      state = 'after';
    }
  }
  return 'unexpected EOF';
}
