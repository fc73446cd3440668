import { PullError, type Image } from '../../runtime/index.ts';
import { buildRootfs } from '../../runtime/rootfs.ts';
import { scratch as scratchEntries } from '../../runtime/catalogue/bases.ts';
import {
  familiarReference,
  InvalidReference,
  parseReference,
  type DirectoryNode,
  type ImageReference,
} from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { Credentials } from '../images/registries.ts';

/** An image that a build starts from or copies from. */
export interface BaseImage {
  reference: ImageReference;
  /** As the Dockerfile names it. */
  given: string;
  /** `docker.io/library/busybox:latest`, with the digest when a registry was asked. */
  shown: string;
  image: Image;
  /** It is on this host. */
  local: boolean;
}

/** Why an image can't be used; `wrapped` is the whole text of the failed build. */
export class SourceError extends Error {
  override name = 'SourceError';
  readonly wrapped: string;
  constructor(message: string, wrapped: string) {
    super(message);
    this.wrapped = wrapped;
  }
}

/** The name that `load metadata for` shows. @throws InvalidReference */
export function canonicalName(given: string): string {
  return parseReference(given).canonical;
}

/** @throws SourceError when nobody has it, InvalidReference */
export function resolveBase(
  engine: DockerEngine,
  given: string,
  options: { pull: boolean; platform: string; credentials: Credentials },
): BaseImage {
  const reference = parseReference(given);
  const foreign = options.platform !== '' && options.platform !== 'linux/amd64';
  if (!options.pull && !foreign) {
    const stored = engine.images.lookup(given);
    if (stored) return { reference, given, shown: reference.canonical, image: stored.image, local: true };
  }
  try {
    const server = engine.registry.registries.server(reference.registry.replace(/^localhost(?=:|$)/, '127.0.0.1'));
    const known = engine.registry.registries;
    const image =
      server?.privateReads || !engine.registry.online
        ? engine.registry.resolve(reference, options.credentials)
        : known.resolve({ ...reference, registry: reference.registry.replace(/^localhost(?=:|$)/, '127.0.0.1') });
    const shown = reference.digest ? reference.canonical : `${reference.canonical}@${image.digest}`;
    return { reference, given, shown, image, local: engine.images.byId(image.id) !== undefined };
  } catch (error) {
    let message: string;
    if (error instanceof PullError) message = error.message.replace(/^failed to resolve reference "[^"]*": /, '');
    else if (error instanceof EngineError) message = `failed to do request: ${error.message}`;
    else throw error;
    const canonical = reference.canonical;
    throw new SourceError(message, `${given}: failed to resolve source metadata for ${canonical}: ${message}`);
  }
}

export { familiarReference, InvalidReference };

let empty: DirectoryNode | undefined;

/** What `FROM scratch` begins with: only what the runtime itself mounts. */
export function scratchRoot(): DirectoryNode {
  if (!empty) {
    const { '/tmp': _tmp, '/etc': _etc, ...rest } = scratchEntries;
    empty = buildRootfs(rest);
  }
  return empty;
}
