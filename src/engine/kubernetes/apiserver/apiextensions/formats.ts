import { parseIp } from '../../apimachinery/ip.ts';

/** Formats of strings that the server checks; others are not looked at (kube-openapi/pkg/validation/strfmt). */

const hostname = /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\.?$/;
const uuid = (version: string) =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, 'i');
const dateTime = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

function isCidr(text: string): boolean {
  const [address = '', length, ...more] = text.split('/');
  const ip = parseIp(address);
  return (
    ip !== undefined &&
    more.length === 0 &&
    /^\d{1,3}$/.test(length ?? '') &&
    Number(length) <= (address.includes(':') ? 128 : 32)
  );
}

/** Go's time.ParseDuration, and ISO-like `1 day`. */
const duration = /^[-+]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*)$/;

const checks: Readonly<Record<string, (text: string) => boolean>> = {
  byte: (text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text),
  cidr: isCidr,
  date: isDate,
  'date-time': (text) => {
    const match = dateTime.exec(text);
    return (
      match !== null && isDate(match[1]!) && Number(match[2]) < 24 && Number(match[3]) < 60 && Number(match[4]) < 61
    );
  },
  datetime: (text) => checks['date-time']!(text),
  duration: (text) => duration.test(text),
  email: (text) => /^[^\s@<>"]+@[^\s@<>"]+$/.test(text),
  hostname: (text) => text.length <= 255 && hostname.test(text),
  ipv4: (text) => parseIp(text) !== undefined && !text.includes(':'),
  ipv6: (text) => parseIp(text) !== undefined && text.includes(':'),
  ip: (text) => parseIp(text) !== undefined,
  mac: (text) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text),
  uri: (text) => /^([a-z][a-z0-9+.-]*:\S+|\/\S*)$/i.test(text),
  uuid: (text) => uuid('[0-9a-f]').test(text),
  uuid3: (text) => uuid('3').test(text),
  uuid4: (text) => uuid('4').test(text),
  uuid5: (text) => uuid('5').test(text),
  hexcolor: (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
  rgbcolor: (text) => /^rgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\)$/.test(text),
  creditcard: (text) => /^\d{13,19}$/.test(text.replace(/[ -]/g, '')),
  isbn: (text) => /^(\d{9}[\dXx]|\d{13})$/.test(text.replace(/[ -]/g, '')),
  isbn10: (text) => /^\d{9}[\dXx]$/.test(text.replace(/[ -]/g, '')),
  isbn13: (text) => /^\d{13}$/.test(text.replace(/[ -]/g, '')),
  ssn: (text) => /^\d{3}[ -]?\d{2}[ -]?\d{4}$/.test(text),
  'k8s-short-name': (text) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text),
  'k8s-long-name': (text) =>
    text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text),
};

/** True for formats that are not known. */
export function hasFormat(text: string, format: string): boolean {
  return checks[format]?.(text) ?? true;
}
