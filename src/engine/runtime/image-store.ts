import { latency, type Cancellation, type World } from '../world/index.ts';
import type { Image } from './image.ts';
import { parseReference, type ImageReference } from './reference.ts';
import { PullError, type Registries } from './registry.ts';

/** An image on a machine, with the names it has there. */
export interface StoredImage {
  image: Image;
  /** `docker.io/library/nginx:1.27`. */
  tags: string[];
  /** `docker.io/library/nginx@sha256:…`. */
  digests: string[];
}

/** The images on one machine. Layers are kept once, so a pull fetches only those that are missing. */
export class ImageStore {
  readonly #world: World;
  readonly #registries: Registries;
  readonly #images = new Map<string, StoredImage>();
  readonly #layers = new Set<string>();

  constructor(world: World, registries: Registries) {
    this.#world = world;
    this.#registries = registries;
  }

  /** In the order they came. */
  list(): readonly StoredImage[] {
    return [...this.#images.values()];
  }

  /** The image that a reference (or an image id) names here. */
  find(reference: ImageReference | string): StoredImage | undefined {
    if (typeof reference === 'string') return this.#images.get(reference);
    for (const stored of this.#images.values()) {
      if (reference.digest) {
        if (stored.digests.includes(`${reference.repository}@${reference.digest}`)) return stored;
      } else if (stored.tags.includes(reference.canonical)) return stored;
    }
    return undefined;
  }

  /** Puts an image here without a pull, as a machine image that ships with it does. @throws PullError */
  preload(name: string): StoredImage {
    const reference = parseReference(name);
    return this.#add(reference, this.#registries.resolve(reference));
  }

  /**
   * Pulls from the registry: some round trips, then the missing layers at the registry's bandwidth.
   * @throws PullError with containerd's text
   */
  async pull(reference: ImageReference, cancel?: Cancellation): Promise<StoredImage> {
    await this.#world.sleep(latency.registryRoundTrip, cancel);
    let image: Image;
    try {
      image = this.#registries.resolve(reference);
    } catch (error) {
      if (!(error instanceof PullError)) throw error;
      throw new PullError(error.code, `failed to pull and unpack image "${reference.canonical}": ${error.message}`);
    }
    const missing = image.layers.filter((layer) => !this.#layers.has(layer.digest));
    if (missing.length > 0) {
      const bytes = missing.reduce((sum, layer) => sum + layer.size, 0);
      await this.#world.sleep(2 * latency.registryRoundTrip + bytes / latency.registryBytesPerMs, cancel);
    }
    return this.#add(reference, image);
  }

  #add(reference: ImageReference, image: Image): StoredImage {
    let stored = this.#images.get(image.id);
    if (!stored) this.#images.set(image.id, (stored = { image, tags: [], digests: [] }));
    if (reference.tag !== undefined) {
      const tag = `${reference.repository}:${reference.tag}`;
      for (const other of this.#images.values()) if (other !== stored) other.tags = other.tags.filter((t) => t !== tag);
      if (!stored.tags.includes(tag)) stored.tags.push(tag);
    }
    const digest = `${reference.repository}@${image.digest}`;
    if (!stored.digests.includes(digest)) stored.digests.push(digest);
    for (const layer of image.layers) this.#layers.add(layer.digest);
    return stored;
  }

  /** Removes an image by id with all its names; layers that no other image needs go too. */
  remove(id: string): boolean {
    const stored = this.#images.get(id);
    if (!stored) return false;
    this.#images.delete(id);
    const kept = new Set([...this.#images.values()].flatMap((s) => s.image.layers.map((l) => l.digest)));
    for (const layer of stored.image.layers) if (!kept.has(layer.digest)) this.#layers.delete(layer.digest);
    return true;
  }

  snapshot(): unknown {
    return [...this.#images.values()].map((s) => [s.image.id, s.tags, s.digests]);
  }
}
