import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { DirectoryNode } from '../world/index.ts';

/** The part of an OCI image config that says how to run it. */
export interface ImageConfig {
  entrypoint?: readonly string[];
  cmd?: readonly string[];
  env?: Readonly<Record<string, string>>;
  workingDir?: string;
  /** `uid`, `uid:gid` or a name. */
  user?: string;
  /** e.g. `80/tcp`. */
  exposedPorts?: readonly string[];
  stopSignal?: string;
  labels?: Readonly<Record<string, string>>;
  volumes?: readonly string[];
  healthcheck?: HealthCheck;
  /** Instructions for images that are built on this one. */
  onBuild?: readonly string[];
  /** BuildKit says so of its images, and nothing else comes of it on Linux. */
  argsEscaped?: boolean;
  /** What runs the shell form of instructions. */
  shell?: readonly string[];
}

/** Durations in ms; 0 or absent means the default. */
export interface HealthCheck {
  /** `['CMD', …]`, `['CMD-SHELL', command]` or `['NONE']`. */
  test: readonly string[];
  interval?: number;
  timeout?: number;
  startPeriod?: number;
  startInterval?: number;
  retries?: number;
}

/** One layer: content-addressed, shared by all images that were built on it. */
export interface Layer {
  digest: string;
  /** Compressed bytes. */
  size: number;
  /** Digest of the uncompressed layer; worked out of `digest` for the catalogue's. */
  diffId?: string;
  /** Bytes of its files; worked out of `size` for the catalogue's. */
  unpackedSize?: number;
}

/** One step of an image's making, as `docker history` shows it. */
export interface HistoryEntry {
  /** Unix ms. */
  created: number;
  createdBy: string;
  comment?: string;
  /** It made no layer. */
  emptyLayer?: boolean;
}

/** An image as a registry serves it for one platform. */
export interface Image {
  /** Digest of the config: the image id. */
  readonly id: string;
  /** Digest of the manifest: what `repo@sha256:…` names. */
  readonly digest: string;
  readonly layers: readonly Layer[];
  /** Sum of the layers' compressed sizes, bytes. */
  readonly size: number;
  readonly config: ImageConfig;
  /** What the catalogue calls it. */
  readonly key?: string;
  /** Unix ms; the catalogue's images have ages that depend on what they are. */
  readonly created?: number;
  readonly author?: string;
  readonly comment?: string;
  /** Oldest step first. */
  readonly history?: readonly HistoryEntry[];
  /** e.g. `amd64`. */
  readonly architecture?: string;
  /** Built on first use, shared by all containers. */
  readonly rootfs: () => DirectoryNode;
}

/** `sha256:` and 64 hexadecimal digits that depend on `text` only. */
export function digestOf(text: string): string {
  return `sha256:${bytesToHex(sha256(utf8ToBytes(text)))}`;
}

/**
 * Makes an image. `key` says what it is, e.g. `docker.io/library/nginx 1.27.5 alpine`: tags with the same key are the
 * same image, to the digest.
 */
export function defineImage(
  key: string,
  parts: { layers: readonly { key: string; size: number }[]; config: ImageConfig; rootfs: () => DirectoryNode },
): Image {
  const layers = parts.layers.map(({ key, size }) => ({ digest: digestOf(`layer ${key}`), size }));
  let tree: DirectoryNode | undefined;
  return {
    id: digestOf(`config ${key}`),
    digest: digestOf(`manifest ${key}`),
    key,
    layers,
    size: layers.reduce((sum, layer) => sum + layer.size, 0),
    config: parts.config,
    rootfs: () => (tree ??= parts.rootfs()),
  };
}
