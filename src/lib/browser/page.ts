import { m } from '$lib/i18n.ts';
import type { BrowsedPage } from '../../session/protocol.ts';

/** What a browser would say, by what went wrong (curl's exit statuses). */
export function problemOf({ url, error }: BrowsedPage): string {
  const { host, port } = parts(url);
  switch (error?.exit) {
    case 6:
      return m.browser_no_name({ host });
    case 7:
      return m.browser_refused({ host, port });
    case 28:
      return m.browser_timeout({ host });
    case 35:
    case 60:
      return m.browser_certificate({ host });
    case 52:
      return m.browser_no_data({ host });
    case 47:
      return m.browser_redirects();
    default:
      return m.browser_failed();
  }
}

function parts(url: string): { host: string; port: string } {
  try {
    const { hostname, port, protocol } = new URL(url);
    return { host: hostname, port: port || (protocol === 'https:' ? '443' : '80') };
  } catch {
    return { host: url, port: '' };
  }
}

/** A simulated page as it may be shown: it loads nothing from the real world, whatever it names. */
export function documentOf(html: string): string {
  return `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">${html}`;
}
