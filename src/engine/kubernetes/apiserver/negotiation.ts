import { notAcceptable } from './errors.ts';

/** Content negotiation (k8s.io/apiserver/pkg/endpoints/handlers/negotiation). */

export const acceptedTypes = ['application/json', 'application/yaml'] as const;

export interface MediaType {
  type: string;
  parameters: Readonly<Record<string, string>>;
}

/** How a response is to be written. */
export interface Negotiated {
  format: 'json' | 'yaml';
  /** What the objects are shown as. */
  as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** Version of meta.k8s.io for `as`. */
  version: string;
  pretty: boolean;
}

export function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';');
  const parameters: Record<string, string> = {};
  for (const part of rest) {
    const at = part.indexOf('=');
    if (at > 0)
      parameters[part.slice(0, at).trim()] = part
        .slice(at + 1)
        .trim()
        .replace(/^"|"$/g, '');
  }
  return { type: type.trim().toLowerCase(), parameters };
}

/** The media types of an Accept header, by preference. */
export function parseAccept(header: string | undefined): MediaType[] {
  if (!header?.trim()) return [{ type: '*/*', parameters: {} }];
  const types = header.split(',').map((text, order) => {
    const media = parseMediaType(text);
    const q = Number(media.parameters['q'] ?? '1');
    return { media, order, q: Number.isNaN(q) ? 1 : q };
  });
  return types.sort((a, b) => b.q - a.q || a.order - b.order).map(({ media }) => media);
}

const shown = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

/**
 * The first type of an Accept header that the server can write.
 * @param transforms whether Tables and PartialObjectMetadata are offered here
 * @throws ApiError NotAcceptable
 */
export function negotiate(accept: string | undefined, pretty = false, transforms = true): Negotiated {
  for (const { type, parameters } of parseAccept(accept)) {
    const format = formatOf(type);
    if (!format) continue;
    const { as, g, v } = parameters;
    if (as === undefined) return { format, as: 'object', version: '', pretty };
    if (!transforms || g !== 'meta.k8s.io' || !shown.has(as) || (v !== 'v1' && v !== 'v1beta1')) continue;
    return { format, as: as as Negotiated['as'], version: v, pretty };
  }
  throw notAcceptable(acceptedTypes);
}

function formatOf(type: string): Negotiated['format'] | undefined {
  switch (type) {
    case 'application/json':
    case '*/*':
    case 'application/*':
      return 'json';
    case 'application/yaml':
    case 'text/yaml':
      return 'yaml';
    default:
      return undefined;
  }
}
