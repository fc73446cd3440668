import { parseCidr, type Cidr } from '../../../network/index.ts';
import type { Ingress } from './types.ts';

/** Annotations of Ingresses (`nginx.ingress.kubernetes.io/…`), read. */

const prefix = 'nginx.ingress.kubernetes.io/';

export interface Settings {
  readonly rewriteTarget: string;
  readonly useRegex: boolean;
  readonly sslRedirect: boolean;
  readonly forceSslRedirect: boolean;
  readonly appRoot: string;
  readonly backendProtocol: 'HTTP' | 'HTTPS';
  /** Bytes; 0: as many as you like. */
  readonly proxyBodySize: number;
  /** Virtual ms. */
  readonly connectTimeout: number;
  readonly readTimeout: number;
  readonly upstreamVhost: string;
  readonly forwardedPrefix: string;
  readonly redirect: { readonly to: string; readonly status: number } | undefined;
  readonly allow: readonly Cidr[];
  readonly deny: readonly Cidr[];
  readonly cors: boolean;
  readonly serverAliases: readonly string[];
}

export interface Canary {
  readonly weight: number;
  readonly total: number;
  readonly header: string;
  readonly headerValue: string;
  readonly cookie: string;
}

/** An annotation that the admission webhook refuses. */
export class AnnotationError extends Error {
  override name = 'AnnotationError';
  readonly annotation: string;
  constructor(annotation: string, message: string) {
    super(message);
    this.annotation = annotation;
  }
}

const simulated = [
  'app-root', 'backend-protocol', 'canary', 'canary-by-cookie', 'canary-by-header', 'canary-by-header-value',
  'canary-weight', 'canary-weight-total', 'denylist-source-range', 'enable-cors', 'force-ssl-redirect',
  'permanent-redirect', 'permanent-redirect-code', 'proxy-body-size', 'proxy-connect-timeout', 'proxy-read-timeout',
  'proxy-send-timeout', 'rewrite-target', 'server-alias', 'ssl-redirect', 'temporal-redirect', 'upstream-vhost',
  'use-regex', 'whitelist-source-range', 'allowlist-source-range', 'x-forwarded-prefix',
]; // prettier-ignore

/** Annotations of the controller that have no effect here. */
export function notSimulated({ metadata }: Ingress): string[] {
  return Object.keys(metadata.annotations ?? {})
    .filter(
      (key) =>
        key.startsWith(prefix) &&
        (!simulated.includes(key.slice(prefix.length)) ||
          (key === `${prefix}backend-protocol` && !/^(AUTO_)?HTTPS?$/i.test(metadata.annotations?.[key] ?? ''))),
    )
    .sort();
}

/** @param defaults of the controller's ConfigMap, by the names that it has there */
export function settingsOf({ metadata }: Ingress, defaults: Readonly<Record<string, string>>): Settings {
  const own = metadata.annotations ?? {};
  const text = (name: string): string | undefined => own[prefix + name] ?? defaults[name];
  const flag = (name: string, fallback: boolean) => {
    const value = text(name);
    return value === 'true' || value === 'false' ? value === 'true' : fallback;
  };
  const seconds = (name: string, fallback: number) => (Number.parseInt(text(name) ?? '', 10) || fallback) * 1000;
  const list = (...names: string[]) =>
    names
      .flatMap((name) => (text(name) ?? '').split(','))
      .map((one) => one.trim())
      .filter(Boolean);
  const permanent = text('permanent-redirect');
  const temporal = text('temporal-redirect');
  const protocol = (text('backend-protocol') ?? 'HTTP').toUpperCase();
  return {
    rewriteTarget: own[`${prefix}rewrite-target`] ?? '',
    useRegex: flag('use-regex', false),
    sslRedirect: flag('ssl-redirect', true),
    forceSslRedirect: flag('force-ssl-redirect', false),
    appRoot: own[`${prefix}app-root`] ?? '',
    backendProtocol: protocol === 'HTTPS' ? 'HTTPS' : 'HTTP',
    proxyBodySize: bytes(text('proxy-body-size') ?? '1m'),
    connectTimeout: seconds('proxy-connect-timeout', 5),
    readTimeout: seconds('proxy-read-timeout', 60),
    upstreamVhost: own[`${prefix}upstream-vhost`] ?? '',
    forwardedPrefix: own[`${prefix}x-forwarded-prefix`] ?? '',
    redirect: temporal
      ? { to: temporal, status: 302 }
      : permanent
        ? { to: permanent, status: Number(text('permanent-redirect-code') ?? 301) || 301 }
        : undefined,
    allow: list('whitelist-source-range', 'allowlist-source-range').flatMap(block),
    deny: list('denylist-source-range').flatMap(block),
    cors: flag('enable-cors', false),
    serverAliases: list('server-alias'),
  };
}

/** What makes an Ingress a canary of another one; undefined if it is none. */
export function canaryOf({ metadata }: Ingress): Canary | undefined {
  const own = metadata.annotations ?? {};
  if (own[`${prefix}canary`] !== 'true') return undefined;
  const text = (name: string) => own[prefix + name] ?? '';
  return {
    weight: Number(text('canary-weight')) || 0,
    total: Number(text('canary-weight-total')) || 100,
    header: text('canary-by-header').toLowerCase(),
    headerValue: text('canary-by-header-value'),
    cookie: text('canary-by-cookie'),
  };
}

/** nginx's sizes: `8m`, `512k`, `1g`, bytes. */
function bytes(text: string): number {
  const match = /^(\d+)([kmg]?)$/i.exec(text.trim());
  if (!match) return 1 << 20;
  return Number(match[1]) * ({ k: 1024, m: 1 << 20, g: 1 << 30 }[match[2]!.toLowerCase()] ?? 1);
}

function block(text: string): Cidr[] {
  try {
    return [parseCidr(text)];
  } catch {
    return [];
  }
}

const risky: Readonly<Record<string, RegExp>> = {
  'app-root': /^\/[\w./-]*$/,
  'backend-protocol': /^(HTTP|HTTPS|AUTO_HTTP|GRPC|GRPCS|FCGI)$/i,
  canary: /^(true|false)$/,
  'canary-weight': /^\d+$/,
  'force-ssl-redirect': /^(true|false)$/,
  'permanent-redirect': /^https?:\/\/[^\s"';{}]+$/,
  'proxy-body-size': /^\d+[kKmMgG]?$/,
  'proxy-connect-timeout': /^\d+$/,
  'proxy-read-timeout': /^\d+$/,
  'proxy-send-timeout': /^\d+$/,
  'rewrite-target': /^[\w\-.~/$:?&=%()*+,@!]*$/,
  'ssl-redirect': /^(true|false)$/,
  'temporal-redirect': /^https?:\/\/[^\s"';{}]+$/,
  'use-regex': /^(true|false)$/,
};

/** What the webhook checks. @throws AnnotationError */
export function validateAnnotations({ metadata }: Ingress): void {
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    if (/-snippet$/.test(name))
      throw new AnnotationError(key, `${key} annotation cannot be used. Snippet directives are disabled by the Ingress administrator`); // prettier-ignore
    if (risky[name] && !risky[name].test(value))
      throw new AnnotationError(key, `annotation group validation failed: annotation ${key} contains invalid value`);
    if (/ranges?$|-source-range$/.test(name))
      for (const one of value.split(',').map((v) => v.trim()).filter(Boolean))
        if (!/^\d+(\.\d+){3}(\/\d+)?$/.test(one))
          throw new AnnotationError(key, `annotation group validation failed: annotation ${key} contains invalid value`); // prettier-ignore
  }
}
