import { children, dottedOf, objectIdentifier, readAll, tags, text, textOf, write, type Der } from './der.ts';

/** Distinguished names (X.501), as certificates have them. */

export interface NameAttribute {
  /** Dotted. */
  readonly type: string;
  readonly value: string;
}

export type DistinguishedName = readonly NameAttribute[];

/** Short and long names of attribute types, as OpenSSL has them. */
const types: readonly (readonly [oid: string, short: string, long: string])[] = [
  ['2.5.4.3', 'CN', 'commonName'],
  ['2.5.4.4', 'SN', 'surname'],
  ['2.5.4.5', 'serialNumber', 'serialNumber'],
  ['2.5.4.6', 'C', 'countryName'],
  ['2.5.4.7', 'L', 'localityName'],
  ['2.5.4.8', 'ST', 'stateOrProvinceName'],
  ['2.5.4.9', 'street', 'streetAddress'],
  ['2.5.4.10', 'O', 'organizationName'],
  ['2.5.4.11', 'OU', 'organizationalUnitName'],
  ['2.5.4.12', 'title', 'title'],
  ['2.5.4.17', 'postalCode', 'postalCode'],
  ['2.5.4.42', 'GN', 'givenName'],
  ['0.9.2342.19200300.100.1.1', 'UID', 'userId'],
  ['0.9.2342.19200300.100.1.25', 'DC', 'domainComponent'],
  ['1.2.840.113549.1.9.1', 'emailAddress', 'emailAddress'],
];

export const attributeType = (name: string): string | undefined =>
  types.find(([oid, short, long]) => [oid, short, long].includes(name))?.[0];

const shortName = (type: string): string => types.find(([oid]) => oid === type)?.[1] ?? type;

export function encodeName(name: DistinguishedName): Uint8Array {
  return write(
    tags.sequence,
    ...name.map(({ type, value }) => {
      // Countries and mail addresses have forms of their own (RFC 5280, appendix A).
      const tag = type === '2.5.4.6' ? 19 : type === '1.2.840.113549.1.9.1' ? 22 : tags.utf8String;
      return write(tags.set, write(tags.sequence, objectIdentifier(type), text(tag, value)));
    }),
  );
}

export function decodeName(der: Der): DistinguishedName {
  return children(der).flatMap((set) =>
    readAll(set.content).flatMap((pair) => {
      const [type, value] = readAll(pair.content);
      return type && value ? [{ type: dottedOf(type), value: textOf(value) }] : [];
    }),
  );
}

/** One line, as OpenSSL 3.0 prints it: `O = devs, CN = ann`. */
export function formatName(name: DistinguishedName): string {
  return name
    .map(({ type, value }) => {
      const special = /[,+"\\<>;]/.test(value) || /^[# ]| $/.test(value);
      return `${shortName(type)} = ${special ? `"${value.replace(/(["\\])/g, '\\$1')}"` : value}`;
    })
    .join(', ');
}

/** All values of a type given by its short name. */
export const valuesOf = (name: DistinguishedName, short: string): string[] =>
  name.filter(({ type }) => type === attributeType(short)).map(({ value }) => value);
