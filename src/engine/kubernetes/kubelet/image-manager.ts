import { parseReference, PullError, InvalidReference, type ImageStore, type StoredImage } from '../../runtime/index.ts';
import { Deferred, type Cancellation, type World } from '../../world/index.ts';
import type { EventType } from '../events.ts';
import type { Pod } from '../types.ts';
import { Backoff, goDuration } from './backoff.ts';
import type { ContainerSpec } from './types.ts';

/** A container can't have its image (yet); `reason` is shown as its waiting state. */
export class ImageError extends Error {
  override name = 'ImageError';
  readonly reason: 'ErrImagePull' | 'ImagePullBackOff' | 'ErrImageNeverPull' | 'InvalidImageName';
  /** Ms until the back-off ends. */
  readonly retryAfter: number | undefined;
  constructor(reason: ImageError['reason'], message: string, retryAfter?: number) {
    super(message);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

export type RecordEvent = (type: EventType, reason: string, message: string) => void;

/**
 * Gets images onto the node: pull policies, one pull at a time, back-off from 10 s to 300 s per Pod and image
 * (package k8s.io/kubernetes/pkg/kubelet/images).
 */
export class ImageManager {
  readonly #world: World;
  readonly #images: ImageStore;
  readonly #backoff = new Backoff(10_000, 300_000);
  readonly #lastErrors = new Map<string, string>();
  /** By image id, virtual ms. */
  readonly #lastUse = new Map<string, number>();
  /** Pulls are serial: each waits for the one before it. */
  #tail: Deferred<void> | undefined;

  constructor(world: World, images: ImageStore) {
    this.#world = world;
    this.#images = images;
  }

  /** The image if no pull is needed: it is there and the policy is content with that. */
  present(container: ContainerSpec, record: RecordEvent): StoredImage | undefined {
    if (container.imagePullPolicy === 'Always') return undefined;
    const stored = this.#find(container, record);
    if (stored) {
      const text = `Container image "${container.image}" already present on machine`;
      record('Normal', 'Pulled', `${text} and can be accessed by the pod`);
    }
    return stored;
  }

  /** A container is made of the image. */
  used(id: string): void {
    this.#lastUse.set(id, this.#world.queue.now);
  }

  lastUseOf(id: string): number {
    return this.#lastUse.get(id) ?? 0;
  }

  /** The image without a pull, for machines that come with it. */
  preload(name: string): StoredImage {
    return this.#images.preload(name);
  }

  list(): readonly StoredImage[] {
    return this.#images.list();
  }

  #find(container: ContainerSpec, record: RecordEvent): StoredImage | undefined {
    try {
      return this.#images.find(parseReference(container.image ?? ''));
    } catch (error) {
      if (!(error instanceof InvalidReference)) throw error;
      const text = `Failed to apply default image tag "${container.image}": couldn't parse image name "${container.image}": ${error.message}`;
      record('Warning', 'InspectFailed', text);
      throw new ImageError('InvalidImageName', text);
    }
  }

  /** Pulls the image. @throws ImageError after recording why */
  async pull(pod: Pod, container: ContainerSpec, record: RecordEvent, cancel: Cancellation): Promise<StoredImage> {
    const image = container.image ?? '';
    this.#find(container, record);
    if (container.imagePullPolicy === 'Never') {
      const text = `Container image "${image}" is not present with pull policy of Never`;
      record('Warning', 'ErrImageNeverPull', text);
      throw new ImageError('ErrImageNeverPull', text);
    }
    const key = `${pod.metadata.uid}_${image}`;
    const remaining = this.#backoff.remainingSinceUpdate(key, this.#world.clock.now());
    if (remaining > 0) {
      const text = `Back-off pulling image "${image}"`;
      record('Normal', 'BackOff', text);
      const last = this.#lastErrors.get(key);
      throw new ImageError('ImagePullBackOff', last === undefined ? text : `${text}: ${last}`, remaining);
    }
    record('Normal', 'Pulling', `Pulling image "${image}"`);
    const waitingSince = this.#world.clock.now();
    const turn = new Deferred<void>(this.#world.queue);
    const before = this.#tail;
    this.#tail = turn;
    try {
      if (before && !before.settled) await before.wait(cancel);
      const pullingSince = this.#world.clock.now();
      const stored = await this.#images.pull(parseReference(image), cancel);
      const now = this.#world.clock.now();
      const took = `${goDuration(now - pullingSince)} (${goDuration(now - waitingSince)} including waiting)`;
      record(
        'Normal',
        'Pulled',
        `Successfully pulled image "${image}" in ${took}. Image size: ${stored.image.size} bytes.`,
      );
      this.#backoff.forget(key);
      this.#lastErrors.delete(key);
      return stored;
    } catch (error) {
      if (!(error instanceof PullError)) throw error;
      const text = error.code === 'Unknown' ? error.message : `rpc error: code = ${error.code} desc = ${error.message}`;
      record('Warning', 'Failed', `Failed to pull image "${image}": ${text}`);
      this.#backoff.next(key, this.#world.clock.now(), this.#world.clock.now());
      this.#lastErrors.set(key, `ErrImagePull: ${text}`);
      throw new ImageError('ErrImagePull', text);
    } finally {
      turn.resolve();
    }
  }

  forgetPod(uid: string): void {
    this.#backoff.forgetPrefix(`${uid}_`);
    for (const key of this.#lastErrors.keys()) if (key.startsWith(`${uid}_`)) this.#lastErrors.delete(key);
  }

  snapshot(): unknown {
    return [this.#backoff.snapshot(), this.#images.snapshot()];
  }
}
