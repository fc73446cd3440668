import type { Environment } from '@marcbachmann/cel-js';
import { cidrContains, formatIp, parseCidr, parseIp, type ParsedCidr, type ParsedIp } from '../../apimachinery/ip.ts';

/** ip, cidr and url (k8s.io/apiserver/pkg/cel/library: ip.go, cidr.go, urls.go). */

class CelIp {
  readonly value: ParsedIp;
  constructor(value: ParsedIp) {
    this.value = value;
  }
  toString(): string {
    return formatIp(this.value);
  }
}

class CelCidr {
  readonly value: ParsedCidr;
  readonly text: string;
  constructor(value: ParsedCidr, text: string) {
    this.value = value;
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

class CelUrl {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  constructor(parts: RegExpExecArray) {
    [, this.scheme = '', this.host = '', this.path = '', this.query = ''] = parts as unknown as [string];
  }
}

function ipOf(text: string): CelIp {
  const value = parseIp(text);
  if (!value) throw new Error(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  return new CelIp(value);
}

function cidrOf(text: string): CelCidr {
  const value = parseCidr(text);
  if (!value) throw new Error('network address parse error during conversion from string');
  return new CelCidr(value, text);
}

function urlOf(text: string): CelUrl | undefined {
  const parts = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\/([^/?#\s]*)([^?#\s]*)(?:\?([^#\s]*))?(?:#\S*)?$/.exec(text);
  if (parts) return new CelUrl(parts);
  const path = /^()()(\/[^?#\s]*)(?:\?([^#\s]*))?$/.exec(text);
  return path ? new CelUrl(path) : undefined;
}

export function registerNetwork(environment: Environment): void {
  registerIps(environment);
  registerCidrs(environment);
  registerUrls(environment);
}

function registerIps(environment: Environment): void {
  const type = 'net.IP';
  environment.registerType(type, CelIp);
  environment.registerFunction(`ip(string): ${type}`, ipOf);
  environment.registerFunction('isIP(string): bool', (text: string) => parseIp(text) !== undefined);
  environment.registerFunction(`string(${type}): string`, String);
  environment.registerOperator(`${type} == ${type}`, (a: CelIp, b: CelIp) => String(a) === String(b));
  environment.registerFunction(`${type}.family(): int`, ({ value }: CelIp) => BigInt(value.family));
  const within = (name: string, ...ranges: string[]) => {
    const networks = ranges.map((range) => parseCidr(range)!);
    environment.registerFunction(`${type}.${name}(): bool`, ({ value }: CelIp) =>
      networks.some((network) => network.family === value.family && cidrContains(network, value)),
    );
  };
  within('isUnspecified', '0.0.0.0/32', '::/128');
  within('isLoopback', '127.0.0.0/8', '::1/128');
  within('isLinkLocalMulticast', '224.0.0.0/24', 'ff02::/16');
  within('isLinkLocalUnicast', '169.254.0.0/16', 'fe80::/10');
  const notGlobal = ['0.0.0.0/32', '::/128', '127.0.0.0/8', '::1/128', '224.0.0.0/4', 'ff00::/8', '169.254.0.0/16'];
  const networks = [...notGlobal, 'fe80::/10', '255.255.255.255/32'].map((range) => parseCidr(range)!);
  environment.registerFunction(
    `${type}.isGlobalUnicast(): bool`,
    ({ value }: CelIp) => !networks.some((n) => n.family === value.family && cidrContains(n, value)),
  );
}

function registerCidrs(environment: Environment): void {
  const type = 'net.CIDR';
  environment.registerType(type, CelCidr);
  environment.registerFunction(`cidr(string): ${type}`, cidrOf);
  environment.registerFunction('isCIDR(string): bool', (text: string) => parseCidr(text) !== undefined);
  environment.registerFunction(`string(${type}): string`, String);
  const containsIp = ({ value }: CelCidr, ip: CelIp) =>
    value.family === ip.value.family && cidrContains(value, ip.value);
  const containsCidr = ({ value }: CelCidr, { value: other }: CelCidr) =>
    value.family === other.family && value.bits <= other.bits && cidrContains(value, other);
  environment.registerFunction(`${type}.containsIP(net.IP): bool`, containsIp);
  environment.registerFunction(`${type}.containsIP(string): bool`, (cidr: CelCidr, text: string) =>
    containsIp(cidr, ipOf(text)),
  );
  environment.registerFunction(`${type}.containsCIDR(${type}): bool`, containsCidr);
  environment.registerFunction(`${type}.containsCIDR(string): bool`, (cidr: CelCidr, text: string) =>
    containsCidr(cidr, cidrOf(text)),
  );
  environment.registerFunction(`${type}.prefixLength(): int`, ({ value }: CelCidr) => BigInt(value.bits));
  environment.registerFunction(`${type}.ip(): net.IP`, ({ text }: CelCidr) => ipOf(text.split('/')[0]!));
}

function registerUrls(environment: Environment): void {
  const type = 'kubernetes.URL';
  environment.registerType(type, CelUrl);
  environment.registerFunction(`url(string): ${type}`, (text: string) => {
    const parsed = urlOf(text);
    if (!parsed) throw new Error('URL parse error during conversion from string');
    return parsed;
  });
  environment.registerFunction('isURL(string): bool', (text: string) => urlOf(text) !== undefined);
  const hostname = ({ host }: CelUrl) =>
    host
      .replace(/^.*@/, '')
      .replace(/:\d*$/, '')
      .replace(/^\[|\]$/g, '');
  const part = (name: string, run: (url: CelUrl) => string) =>
    environment.registerFunction(`${type}.${name}(): string`, run);
  part('getScheme', ({ scheme }) => scheme);
  part('getHost', ({ host }) => host);
  part('getHostname', hostname);
  part('getPort', ({ host }) => /:(\d+)$/.exec(host)?.[1] ?? '');
  part('getEscapedPath', ({ path }) => path);
  environment.registerFunction(`${type}.getQuery(): map<string, list<string>>`, ({ query }: CelUrl) => {
    const result: Record<string, string[]> = {};
    for (const pair of query.split('&').filter(Boolean)) {
      const [name = '', value = ''] = pair.split('=').map((text) => decodeURIComponent(text.replaceAll('+', ' ')));
      (result[name] ??= []).push(value);
    }
    return result;
  });
}
