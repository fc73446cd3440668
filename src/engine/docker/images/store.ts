import type { Image } from '../../runtime/index.ts';
import {
  familiarReference,
  familiarRepository,
  InvalidReference,
  parseReference,
  type ImageReference,
  type World,
} from '../../world/index.ts';
import { badRequest, notFound, type EngineError } from '../errors.ts';
import { imageDetails, type ImageDetails } from './details.ts';

export interface StoredImage {
  readonly image: Image;
  readonly details: ImageDetails;
  /** Canonical: `docker.io/library/nginx:1.27`. */
  tags: string[];
  /** `docker.io/library/nginx@sha256:…`. */
  digests: string[];
  /** Id of the image that it was built from here. */
  parent: string;
  /** Unix ms. */
  lastTagged: number | undefined;
}

/** The Engine's images with their names; layers are counted by who has them. */
export class DockerImages {
  readonly #world: World;
  readonly #images = new Map<string, StoredImage>();

  constructor(world: World) {
    this.#world = world;
  }

  list(): StoredImage[] {
    return [...this.#images.values()];
  }

  byId(id: string): StoredImage | undefined {
    return this.#images.get(id);
  }

  add(image: Image, parent = ''): StoredImage {
    let stored = this.#images.get(image.id);
    if (!stored) {
      const details = imageDetails(image, this.#world.clock.epoch);
      stored = { image, details, tags: [], digests: [], parent, lastTagged: undefined };
      this.#images.set(image.id, stored);
    }
    return stored;
  }

  /** The build cache has layers, too. */
  inBuildCache: (digest: string) => boolean = () => false;

  hasLayer(digest: string): boolean {
    if (this.inBuildCache(digest)) return true;
    for (const { image } of this.#images.values())
      if (image.layers.some((layer) => layer.digest === digest)) return true;
    return false;
  }

  /** Gives the image a name, taking it from another one. */
  tag(stored: StoredImage, reference: ImageReference, touch = true): void {
    const tag = `${reference.repository}:${reference.tag ?? 'latest'}`;
    for (const other of this.#images.values()) if (other !== stored) other.tags = other.tags.filter((t) => t !== tag);
    if (!stored.tags.includes(tag)) stored.tags = [...stored.tags, tag].sort();
    if (touch) stored.lastTagged = this.#world.clock.now();
  }

  addDigest(stored: StoredImage, repository: string): void {
    const digest = `${repository}@${stored.image.digest}`;
    if (!stored.digests.includes(digest)) stored.digests = [...stored.digests, digest].sort();
  }

  delete(stored: StoredImage): void {
    this.#images.delete(stored.image.id);
  }

  /** By name, digest or a prefix of the id. */
  lookup(name: string): StoredImage | undefined {
    const hex = name.replace(/^sha256:/, '');
    if (/^[a-f0-9]{64}$/.test(hex)) return this.#images.get(`sha256:${hex}`);
    const reference = tryParse(name);
    if (reference instanceof Error) return /^sha256:[a-f0-9]+$/.test(name) ? this.#byPrefix(hex) : undefined;
    for (const stored of this.#images.values()) if (isNamed(stored, reference)) return stored;
    return /^[a-f0-9]+$/.test(hex) ? this.#byPrefix(hex) : undefined;
  }

  #byPrefix(hex: string): StoredImage | undefined {
    const found = [...this.#images.values()].filter(({ image }) => image.id.startsWith(`sha256:${hex}`));
    return found.length === 1 ? found[0] : undefined;
  }

  /** @throws EngineError 404 `No such image: x:latest`, 400 for what is no reference */
  find(name: string): StoredImage {
    const stored = this.lookup(name);
    if (stored) return stored;
    throw this.missing(name);
  }

  missing(name: string): EngineError {
    const reference = tryParse(name);
    if (reference instanceof Error)
      return /^[a-f0-9]{64}$/.test(name) || name.startsWith('sha256:')
        ? notFound(`No such image: ${name}`)
        : badRequest(reference.message);
    return notFound(`No such image: ${familiarReference(reference)}`);
  }

  /** Names as the API shows them. */
  names(stored: StoredImage): { tags: string[]; digests: string[] } {
    const familiar = (name: string) => familiarRepository(name);
    return { tags: stored.tags.map(familiar), digests: stored.digests.map(familiar) };
  }

  children(stored: StoredImage): StoredImage[] {
    return this.list().filter((other) => other.parent === stored.image.id);
  }

  snapshot(): unknown {
    return this.list().map((s) => [s.image.id, s.tags, s.digests, s.parent]);
  }
}

function isNamed(stored: StoredImage, { repository, tag, digest }: ImageReference): boolean {
  if (digest !== undefined)
    return (
      stored.digests.includes(`${repository}@${digest}`) ||
      (stored.image.id === digest && stored.tags.some((t) => t.startsWith(`${repository}:`)))
    );
  return stored.tags.includes(`${repository}:${tag ?? 'latest'}`);
}

export function tryParse(name: string): ImageReference | InvalidReference {
  try {
    return parseReference(name);
  } catch (error) {
    if (error instanceof InvalidReference) return error;
    throw error;
  }
}

/** @throws EngineError 400 */
export function reference(name: string): ImageReference {
  const parsed = tryParse(name);
  if (parsed instanceof Error) throw badRequest(parsed.message);
  return parsed;
}
