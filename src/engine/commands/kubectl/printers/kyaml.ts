import { isPlainString } from '../../../yaml/index.ts';
import { quote } from '../framework/values.ts';
import { sortKeys } from './json.ts';

/** KYAML: YAML in flow style with quoted strings, one member a line. */
export function toKyaml(value: unknown): string {
  return `---\n${render(sortKeys(value), '')}\n`;
}

function render(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    // Objects in a list share its brackets' lines.
    if (value.every((v) => v !== null && typeof v === 'object'))
      return `[${value.map((v) => render(v, indent)).join(', ')}]`;
    return `[\n${value.map((v) => `${inner}${render(v, inner)},\n`).join('')}${indent}]`;
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value);
    if (entries.length === 0) return '{}';
    return `{\n${entries.map(([k, v]) => `${inner}${key(k)}: ${render(v, inner)},\n`).join('')}${indent}}`;
  }
  if (typeof value === 'string') return text(value, indent);
  return JSON.stringify(value);
}

function key(name: string): string {
  return isPlainString(name) && /^[A-Za-z_][\w./-]*$/.test(name) && !/^[tf]$/i.test(name) ? name : quote(name);
}

/** Texts of several lines stay readable: every line break is an escape at the end of its line. */
function text(value: string, indent: string): string {
  if (!value.includes('\n')) return quote(value);
  const lines = value.split(/(?<=\n)/).map((line) => quote(line).slice(1, -1));
  return `"\\\n${lines.map((line) => `${indent}  ${line.startsWith(' ') ? '\\' : ' '}${line}\\\n`).join('')}${indent}  "`;
}
