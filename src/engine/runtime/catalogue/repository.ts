import type { DirectoryNode } from '../../world/index.ts';
import { defineImage, type Image, type ImageConfig } from '../image.ts';
import { resolveTag, type TagScheme } from '../tags.ts';

/** One repository of the simulated registries: one file in this folder, one line in `registry.ts`. */
export interface Repository {
  /** e.g. `docker.io/library/nginx`. */
  readonly name: string;
  /** The image that a tag stands for; undefined if there is no such tag. The same object each time. */
  image(tag: string): Image | undefined;
  /** Its tags, as far as a list of them makes sense: exact releases. */
  readonly tags?: readonly string[];
  /** The image with that manifest digest, among those whose tags were asked for. */
  byDigest(digest: string): Image | undefined;
}

export interface Release {
  version: string;
  /** `''` for the plain image. */
  variant: string;
}

/** How a repository's images are made. */
export interface RepositoryDefinition {
  name: string;
  tags: TagScheme;
  /** Compressed bytes of the base image and of what this image adds to it, in one or more layers. */
  size(release: Release): { base: string; baseSize: number; ownSize: number; more?: readonly number[] };
  config(release: Release): ImageConfig;
  rootfs(release: Release): DirectoryNode;
}

export function defineRepository(definition: RepositoryDefinition): Repository {
  const images = new Map<string, Image>();
  const digests = new Map<string, Image>();
  return {
    name: definition.name,
    tags: [...new Set([...Object.keys(definition.tags.aliases ?? {}), 'latest', ...definition.tags.releases])].sort(),
    image(tag) {
      const release = resolveTag(definition.tags, tag);
      if (!release) return undefined;
      const key = `${definition.name} ${release.version} ${release.variant}`;
      let image = images.get(key);
      if (!image) {
        const { base, baseSize, ownSize, more = [] } = definition.size(release);
        image = defineImage(key, {
          layers: [
            ...(baseSize > 0 || ownSize === 0 ? [{ key: base, size: baseSize }] : []),
            ...(ownSize > 0 ? [{ key, size: ownSize }] : []),
            ...more.map((size, i) => ({ key: `${key} ${i + 2}`, size })),
          ],
          config: { env: {}, ...definition.config(release) },
          rootfs: () => definition.rootfs(release),
        });
        images.set(key, image);
        digests.set(image.digest, image);
      }
      return image;
    },
    byDigest: (digest) => digests.get(digest),
  };
}

/** PATH as most images set it. */
export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const megabytes = (n: number): number => Math.round(n * 1_000_000);
