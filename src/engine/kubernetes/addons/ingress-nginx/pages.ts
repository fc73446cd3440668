import type { HttpResponse } from '../../../network/index.ts';

/** nginx's own pages, without a version (`server-tokens: "false"`). */

const reasons: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  302: 'Found',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

const encoder = new TextEncoder();

export function page(status: number, headers: Readonly<Record<string, string>> = {}, titled?: string): HttpResponse {
  const title = titled ?? `${status} ${reasons[status] ?? ''}`;
  const text = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  const body = encoder.encode(text);
  return { status, headers: { 'content-type': 'text/html', 'content-length': String(body.length), ...headers }, body };
}

export const redirect = (status: number, location: string): HttpResponse => page(status, { location });
