/** What a client needs of an absolute URL. */
export interface UrlParts {
  protocol: 'http' | 'https';
  hostname: string;
  port: number;
  /** With query; `/` if there is none. */
  path: string;
}

/** @throws TypeError for anything that is not an absolute http(s) URL. */
export function parseUrl(url: string): UrlParts {
  const match = /^(https?):\/\/(?:[^/?#@]*@)?(\[[0-9a-fA-F:]+\]|[^/?#:]+)(?::(\d+))?([/?][^#]*)?(?:#.*)?$/.exec(url);
  if (!match) throw new TypeError(`not an http(s) URL: ${url}`);
  const protocol = match[1] as 'http' | 'https';
  const rest = match[4] ?? '/';
  return {
    protocol,
    hostname: match[2]!.replace(/^\[|\]$/g, ''),
    port: match[3] ? Number(match[3]) : protocol === 'https' ? 443 : 80,
    path: rest.startsWith('?') ? `/${rest}` : rest,
  };
}

export function isIpAddress(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(':');
}
