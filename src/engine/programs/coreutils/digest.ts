import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { parseOptions } from '../lib/options.ts';
import { defineTool, ToolError } from '../lib/tool.ts';

/** md5sum and its cousins, base64, od, xxd, hexdump, strings. */

function sumTool(hash: (data: Uint8Array) => Uint8Array) {
  return defineTool(async (tool) => {
    const options = parseOptions(tool, {
      short: 'bctwz',
      long: { check: 'c', binary: 'b', text: 't', quiet: 'q', status: 's' },
    });
    if (!options.has('c')) {
      for await (const { name, reader } of tool.inputs(options.operands))
        tool.put(`${bytesToHex(hash(await tool.readAll(reader)))}  ${name}\n`);
      return;
    }
    let failed = 0;
    for await (const { reader } of tool.inputs(options.operands))
      for (const line of (await tool.readText(reader)).split('\n')) {
        const match = /^([0-9a-f]+) [ *](.+)$/.exec(line);
        if (!match) continue;
        const node = tool.fs.lookup(tool.path(match[2]!));
        const good = node?.type === 'file' && bytesToHex(hash(node.data)) === match[1];
        if (!good) failed++;
        if (!node) await tool.complain(`${match[2]}: No such file or directory`);
        if (!options.has('s') && (!good || !options.has('q')))
          tool.put(`${match[2]}: ${good ? 'OK' : node ? 'FAILED' : 'FAILED open or read'}\n`);
      }
    if (failed > 0) await tool.complain(`WARNING: ${failed} computed checksum${failed === 1 ? '' : 's'} did NOT match`);
  });
}

export const md5sum = sumTool(md5);
export const sha1sum = sumTool(sha1);
export const sha224sum = sumTool(sha224);
export const sha256sum = sumTool(sha256);
export const sha384sum = sumTool(sha384);
export const sha512sum = sumTool(sha512);

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function encodeBase64(data: Uint8Array): string {
  const out: string[] = [];
  for (let i = 0; i < data.length; i += 3) {
    const [a, b, c] = [data[i]!, data[i + 1], data[i + 2]];
    out.push(
      alphabet[a >> 2]! +
        alphabet[((a & 3) << 4) | ((b ?? 0) >> 4)]! +
        (b === undefined ? '=' : alphabet[((b & 15) << 2) | ((c ?? 0) >> 6)]!) +
        (c === undefined ? '=' : alphabet[c & 63]!),
    );
  }
  return out.join('');
}

/** @returns what could be decoded, and whether all of it could */
export function decodeBase64(text: string, ignoreGarbage = false): { data: Uint8Array; valid: boolean } {
  const clean = ignoreGarbage ? text.replace(/[^A-Za-z0-9+/=]/g, '') : text.replace(/[\r\n]/g, '');
  const good = /^[A-Za-z0-9+/]*/.exec(clean)![0];
  const padding = clean.slice(good.length);
  const out = new Uint8Array(Math.floor((good.length * 3) / 4));
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const c of good) {
    value = (value << 6) | alphabet.indexOf(c);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (value >> bits) & 0xff;
      value &= (1 << bits) - 1;
    }
  }
  return { data: out.subarray(0, at), valid: /^={0,2}$/.test(padding) && (good.length + padding.length) % 4 === 0 };
}

export const base64 = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'diw:', long: { decode: 'd', 'ignore-garbage': 'i', 'wrap=': 'w' } });
  const wrap = Number(options.value('w') ?? 76);
  if (!Number.isInteger(wrap) || wrap < 0) throw new ToolError(`invalid wrap size: ‘${options.value('w')}’`);
  if (options.operands.length > 1)
    throw new ToolError(`extra operand ‘${options.operands[1]}’`, { hint: "Try 'NAME --help' for more information." });
  for await (const { reader } of tool.inputs(options.operands)) {
    const data = await tool.readAll(reader);
    if (options.has('d')) {
      const decoded = decodeBase64(new TextDecoder().decode(data), options.has('i'));
      await tool.write(decoded.data);
      if (!decoded.valid) throw new ToolError('invalid input');
      continue;
    }
    const text = encodeBase64(data);
    if (wrap === 0) tool.put(text);
    else for (let i = 0; i < text.length; i += wrap) tool.put(text.slice(i, i + wrap) + '\n');
  }
});

export const od = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'A:N:j:t:w::abcdoxv',
    long: { 'address-radix=': 'A', 'read-bytes=': 'N', 'format=': 't', 'skip-bytes=': 'j' },
  });
  const base = { o: 8, d: 10, x: 16, n: 0 }[options.value('A') ?? 'o'] ?? 8;
  const format =
    options.value('t') ??
    (options.has('c') ? 'c' : options.has('x') ? 'x2' : options.has('b') ? 'o1' : options.has('d') ? 'u2' : 'o2');
  let data = new Uint8Array();
  for await (const { reader } of tool.inputs(options.operands))
    data = Uint8Array.from([...data, ...(await tool.readAll(reader))]);
  const skip = Number(options.value('j') ?? 0);
  data = data.subarray(skip, options.value('N') === undefined ? undefined : skip + Number(options.value('N')));
  const address = (n: number) => (base === 0 ? '' : n.toString(base).padStart(base === 16 ? 6 : 7, '0'));
  const named: Record<number, string> = {
    0: '\\0',
    7: '\\a',
    8: '\\b',
    9: '\\t',
    10: '\\n',
    11: '\\v',
    12: '\\f',
    13: '\\r',
  };
  const cell = (bytes: Uint8Array): string => {
    if (format[0] === 'c')
      return (
        named[bytes[0]!] ??
        (bytes[0]! >= 32 && bytes[0]! < 127 ? String.fromCharCode(bytes[0]!) : bytes[0]!.toString(8).padStart(3, '0'))
      ).padStart(4);
    let value = 0;
    for (let i = bytes.length - 1; i >= 0; i--) value = value * 256 + bytes[i]!;
    const size = Number(format.slice(1)) || 4;
    if (format[0] === 'x') return ' ' + value.toString(16).padStart(size * 2, '0');
    if (format[0] === 'u' || format[0] === 'd') return ' ' + String(value).padStart({ 1: 3, 2: 5, 4: 10 }[size] ?? 10);
    return ' ' + value.toString(8).padStart({ 1: 3, 2: 6, 4: 11 }[size] ?? 11, '0');
  };
  const size = format[0] === 'c' ? 1 : Number(/\d/.exec(format)?.[0] ?? 4);
  for (let i = 0; i < data.length; i += 16) {
    let line = address(skip + i);
    for (let j = i; j < Math.min(i + 16, data.length); j += size)
      line += cell(data.subarray(j, Math.min(j + size, data.length)));
    tool.put(line + '\n');
  }
  if (base !== 0) tool.put(address(skip + data.length) + '\n');
});

const printable = (b: number) => (b >= 32 && b < 127 ? String.fromCharCode(b) : '.');
const hex = (b: number) => b.toString(16).padStart(2, '0');

export const xxd = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'c:l:prs:u' });
  for await (const { reader } of tool.inputs(options.operands)) {
    if (options.has('r')) {
      const text = await tool.readText(reader);
      const digits = options.has('p')
        ? text
        : text
            .split('\n')
            .map((l) => l.replace(/^[0-9a-f]+:/, '').split('  ')[0]!)
            .join('');
      const pairs = digits.replace(/[^0-9a-fA-F]/g, '').match(/../g) ?? [];
      await tool.write(Uint8Array.from(pairs, (p) => parseInt(p, 16)));
      continue;
    }
    const data = (await tool.readAll(reader)).subarray(
      Number(options.value('s') ?? 0),
      options.value('l') === undefined ? undefined : Number(options.value('s') ?? 0) + Number(options.value('l')),
    );
    const width = Number(options.value('c') ?? (options.has('p') ? 30 : 16));
    for (let i = 0; i < data.length; i += width) {
      const bytes = [...data.subarray(i, i + width)];
      if (options.has('p')) {
        tool.put(bytes.map(hex).join('') + '\n');
        continue;
      }
      let pairs = '';
      bytes.forEach((b, n) => (pairs += hex(b) + (n % 2 ? ' ' : '')));
      tool.put(
        `${i.toString(16).padStart(8, '0')}: ${pairs.padEnd(Math.ceil((width * 5) / 2))} ${bytes.map(printable).join('')}\n`,
      );
    }
  }
});

export const hexdump = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'Cn:s:vx' });
  for await (const { reader } of tool.inputs(options.operands)) {
    const all = await tool.readAll(reader);
    const data = options.value('n') === undefined ? all : all.subarray(0, Number(options.value('n')));
    const canonical = options.has('C') || tool.name === 'hd';
    for (let i = 0; i < data.length; i += 16) {
      const bytes = [...data.subarray(i, i + 16)];
      if (canonical) {
        const left = bytes.slice(0, 8).map(hex).join(' ');
        const right = bytes.slice(8).map(hex).join(' ');
        tool.put(
          `${i.toString(16).padStart(8, '0')}  ${left.padEnd(23)}  ${right.padEnd(23)}  |${bytes.map(printable).join('')}|\n`,
        );
      } else {
        const words: string[] = [];
        for (let j = 0; j < bytes.length; j += 2) words.push(hex(bytes[j + 1] ?? 0) + hex(bytes[j]!));
        tool.put(`${i.toString(16).padStart(7, '0')} ${words.join(' ').padEnd(39)}\n`);
      }
    }
    tool.put(`${data.length.toString(16).padStart(canonical ? 8 : 7, '0')}\n`);
  }
});

export const strings = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'an:', digits: 'n' });
  const minimum = Number(options.value('n') ?? 4);
  for await (const { reader } of tool.inputs(options.operands)) {
    const text = String.fromCharCode(...(await tool.readAll(reader)).subarray(0, 100_000));
    for (const [found] of text.matchAll(/[\t -~]+/g)) if (found.length >= minimum) tool.put(found + '\n');
  }
});
