import {
  basicConstraints,
  extendedKeyUsage,
  extendedKeyUsages,
  keyUsage,
  keyUsages,
  subjectAltName,
  subjectKeyIdentifier,
  authorityKeyIdentifier,
  type Extension,
  type GeneralName,
} from '../../pki/extensions.ts';
import type { PublicKey } from '../../pki/keys.ts';
import { attributeType, type NameAttribute } from '../../pki/names.ts';
import { ToolError } from '../lib/tool.ts';
import { OpensslError } from './call.ts';

/** What subjects, `-addext` and configuration files say (openssl-x509v3_config(5), config(5)). */

/** `/CN=ann/O=devs`; `\/` is a slash. @throws OpensslError */
export function parseSubject(text: string, command: string): NameAttribute[] {
  if (!text.startsWith('/'))
    throw new OpensslError(
      `${command}: subject name is expected to be in the format /type0=value0/type1=value1/type2=... where characters may be escaped by \\. This name is not in that format: '${text}'`,
    );
  const attributes: NameAttribute[] = [];
  for (const part of text.slice(1).match(/(?:\\.|[^/\\])+/gs) ?? []) {
    const plain = part.replace(/\\(.)/gs, '$1');
    const at = plain.indexOf('=');
    if (at < 0)
      throw new OpensslError(`${command}: Missing '=' after RDN type string '${plain}' in subject name string`);
    const [name, value] = [plain.slice(0, at), plain.slice(at + 1)];
    const type = attributeType(name);
    // As the real one: an unknown type is skipped with a message, an empty value in silence.
    if (type && value) attributes.push({ type, value });
  }
  return attributes;
}

export type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** A configuration file: sections of `name = value`; what comes before the first is in `default`. */
export function parseSections(text: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  sections.set('default', current);
  for (const raw of text.replace(/\\\n/g, '').split('\n')) {
    const line = raw.replace(/(^|[^\\])#.*$/, '$1').trim();
    const section = /^\[\s*(.*?)\s*\]$/.exec(line);
    if (section) {
      const name = section[1]!;
      current = sections.get(name) ?? new Map<string, string>();
      sections.set(name, current);
      continue;
    }
    const setting = /^([^=]+?)\s*=\s*(.*)$/.exec(line);
    if (setting) current.set(setting[1]!, expand(setting[2]!.replace(/^(["'])(.*)\1$/, '$2'), current, sections));
  }
  return sections;
}

function expand(value: string, section: ReadonlyMap<string, string>, sections: Sections): string {
  return value.replace(/\$(?:\{(\w+)\}|\((\w+)\)|(\w+))/g, (whole, a?: string, b?: string, c?: string) => {
    const name = a ?? b ?? c ?? '';
    return section.get(name) ?? sections.get('default')?.get(name) ?? whole;
  });
}

/** What extensions are made about. */
export interface ExtensionContext {
  readonly subjectKey: PublicKey;
  readonly issuerKey: PublicKey | undefined;
  readonly sections: Sections;
}

/** One extension as configuration writes it; undefined for one that is switched off. @throws OpensslError */
export function extensionOf(name: string, text: string, context: ExtensionContext): Extension | undefined {
  const words = text.split(',').map((word) => word.trim());
  const critical = words[0] === 'critical';
  if (critical) words.shift();
  const bad = () => new OpensslError(`Error in extension: section=default, name=${name}, value=${text}`);
  switch (name) {
    case 'basicConstraints': {
      const settings = new Map(words.map((word) => word.split(/\s*:\s*/) as [string, string]));
      const length = settings.get('pathlen');
      return basicConstraints(/^true$/i.test(settings.get('CA') ?? ''), critical, length ? Number(length) : undefined);
    }
    case 'keyUsage':
      if (!words.every((word) => keyUsages.some(([short, long]) => word === short || word === long))) throw bad();
      return keyUsage(
        words.map((word) => keyUsages.find((usage) => usage.includes(word))![0]),
        critical,
      );
    case 'extendedKeyUsage':
      return extendedKeyUsage(
        words.map((word) => {
          const found = extendedKeyUsages.find((usage) => usage.includes(word))?.[0];
          if (!found && !/^\d+(\.\d+)+$/.test(word)) throw bad();
          return found ?? word;
        }),
        critical,
      );
    case 'subjectAltName':
      return subjectAltName(generalNames(words, context.sections, bad), critical);
    case 'subjectKeyIdentifier':
      if (words[0] === 'none') return undefined;
      if (words[0] !== 'hash') throw new ToolError(`slipway: subjectKeyIdentifier=${text} is not simulated`);
      return { ...subjectKeyIdentifier(context.subjectKey), critical };
    case 'authorityKeyIdentifier':
      if (words[0] === 'none') return undefined;
      return { ...authorityKeyIdentifier(context.issuerKey ?? context.subjectKey), critical };
    default:
      throw new ToolError(`slipway: the extension ${name} is not simulated`);
  }
}

function generalNames(words: readonly string[], sections: Sections, bad: () => Error): GeneralName[] {
  return words.flatMap((word): GeneralName[] => {
    if (word.startsWith('@')) {
      const section = sections.get(word.slice(1));
      if (!section) throw bad();
      return [...section].map(([key, value]) => generalName(key.replace(/\.\d+$/, ''), value, bad));
    }
    const [kind = '', value = ''] = word.split(/:(.*)/s);
    return [generalName(kind, value, bad)];
  });
}

function generalName(kind: string, value: string, bad: () => Error): GeneralName {
  if (kind !== 'DNS' && kind !== 'IP' && kind !== 'email' && kind !== 'URI') throw bad();
  return { kind, value: value.trim() };
}

/** All of a section, in order. */
export function extensionsOf(section: ReadonlyMap<string, string>, context: ExtensionContext): Extension[] {
  return [...section].flatMap(([name, value]) => extensionOf(name, value, context) ?? []);
}

/** Later extensions take the place of earlier ones of the same type. */
export function mergeExtensions(...lists: readonly (readonly Extension[])[]): Extension[] {
  const merged = new Map<string, Extension>();
  for (const extension of lists.flat()) merged.set(extension.type, extension);
  return [...merged.values()];
}
