import { decodeBase64, encodeBase64 } from '../coreutils/digest.ts';
import { JqError, shown, toJson } from './values.ts';

const text = (value: unknown) => (typeof value === 'string' ? value : toJson(value));

function row(name: string, value: unknown, cell: (v: unknown) => string): string[] {
  if (!Array.isArray(value)) throw new JqError(`${shown(value)} cannot be ${name}-formatted, only an array can be`);
  return value.map((v: unknown) => {
    if (typeof v === 'object' && v !== null) throw new JqError(`${shown(v)} is not valid in a ${name} row`);
    return cell(v);
  });
}

/** `@csv`, `@base64`, … by name. */
export const formatters: Record<string, (value: unknown) => string> = {
  '@text': text,
  '@json': (v) => toJson(v),
  '@html': (v) =>
    text(v).replace(/[<>&'"]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&quot;' })[c]!),
  '@uri': (v) =>
    encodeURIComponent(text(v)).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase()),
  '@csv': (v) =>
    row('csv', v, (c) => (c === null ? '' : typeof c === 'string' ? `"${c.replaceAll('"', '""')}"` : toJson(c))).join(
      ',',
    ),
  '@tsv': (v) =>
    row('tsv', v, (c) =>
      c === null
        ? ''
        : typeof c === 'string'
          ? c.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n').replace(/\r/g, '\\r')
          : toJson(c),
    ).join('\t'),
  '@sh': (v) =>
    (Array.isArray(v) ? v : [v])
      .map((c: unknown) => {
        if (typeof c === 'object' && c !== null) throw new JqError(`${shown(c)} can not be escaped for shell`);
        return typeof c === 'string' ? `'${c.replaceAll("'", "'\\''")}'` : toJson(c);
      })
      .join(' '),
  '@base64': (v) => encodeBase64(new TextEncoder().encode(text(v))),
  '@base64d': (v) => {
    const { data, valid } = decodeBase64(text(v));
    if (!valid && data.length === 0 && text(v) !== '') throw new JqError(`${shown(v)} is not valid base64 data`);
    return new TextDecoder().decode(data);
  },
};
