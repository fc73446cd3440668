import { invalid as invalidField } from '../../apimachinery/field-error.ts';
import { ApiError } from '../../client.ts';
import type { KubeObject } from '../../types.ts';
import type { ClientConfig } from '../admission/webhooks/configuration.ts';
import { Pending } from '../admission/webhooks/conversation.ts';
import type { ApiServerCore } from '../core.ts';
import { plainError } from '../errors.ts';
import { deepFreeze, isRecord } from '../objects.ts';

/** Conversion of custom resources between versions by a webhook (apiextensions-apiserver/pkg/apiserver/conversion). */

export interface WebhookConversion {
  readonly conversionReviewVersions?: readonly string[];
  readonly clientConfig?: ClientConfig;
}

type Outcome = KubeObject | ApiError;

/** Drafts whose conversion is remembered until they are written. */
const maxDrafts = 100;
const timeoutMs = 30_000;

/**
 * Stored objects are converted before they are read, and remembered as long as they live; a draft is converted between
 * two attempts at its write.
 */
export class ConversionWebhook {
  readonly #core: ApiServerCore;
  readonly #webhook: WebhookConversion;
  readonly #kind: string;
  readonly #known = new WeakMap<KubeObject, Map<string, KubeObject>>();
  readonly #drafts = new Map<string, Outcome>();

  constructor(core: ApiServerCore, webhook: WebhookConversion, kind: string) {
    this.#core = core;
    this.#webhook = webhook;
    this.#kind = kind;
  }

  /** Converts what is not known yet. @throws ApiError */
  async ready(objects: readonly KubeObject[], apiVersion: string): Promise<void> {
    const missing = objects.filter((o) => o.apiVersion !== apiVersion && !this.#known.get(o)?.has(apiVersion));
    if (missing.length === 0) return;
    const converted = await this.#ask(missing, apiVersion);
    missing.forEach((object, i) => {
      const known = this.#known.get(object) ?? new Map<string, KubeObject>();
      this.#known.set(object, known.set(apiVersion, deepFreeze(converted[i]!)));
    });
  }

  /** A stored object that `ready` was called for. */
  read(object: KubeObject, apiVersion: string): KubeObject {
    if (object.apiVersion === apiVersion) return object;
    const known = this.#known.get(object)?.get(apiVersion);
    if (!known) throw plainError(`conversion webhook for ${this.#name(object)} was not asked`);
    // What changes with every write is that of the stored object.
    return { ...known, metadata: { ...known.metadata, ...ownMetadata(object) } };
  }

  /** A draft in another version. @throws Pending until it is converted, ApiError if it cannot be */
  write(draft: KubeObject, apiVersion: string): KubeObject {
    if (draft.apiVersion === apiVersion) return draft;
    const key = `${apiVersion} ${JSON.stringify(draft)}`;
    const outcome = this.#drafts.get(key);
    if (!outcome) throw new DraftPending(() => this.#convertDraft(key, draft, apiVersion));
    this.#drafts.delete(key);
    if (outcome instanceof ApiError) throw outcome;
    return outcome;
  }

  async #convertDraft(key: string, draft: KubeObject, apiVersion: string): Promise<void> {
    let outcome: Outcome;
    try {
      [outcome] = (await this.#ask([draft], apiVersion)) as [KubeObject];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      outcome = error;
    }
    if (this.#drafts.size >= maxDrafts) this.#drafts.delete([...this.#drafts.keys()][0]!);
    this.#drafts.set(key, outcome);
  }

  #name({ apiVersion }: KubeObject): string {
    return `${apiVersion}, Kind=${this.#kind}`;
  }

  async #ask(objects: readonly KubeObject[], apiVersion: string): Promise<KubeObject[]> {
    const failed = (why: string) => plainError(`conversion webhook for ${this.#name(objects[0]!)} failed: ${why}`);
    const { webhooks } = this.#core.around;
    const version = this.#webhook.conversionReviewVersions?.find((v) => v === 'v1' || v === 'v1beta1') ?? 'v1';
    const request = { desiredAPIVersion: apiVersion, objects };
    const sent = await webhooks.post(
      this.#webhook.clientConfig ?? {},
      { kind: 'ConversionReview', apiVersion: `apiextensions.k8s.io/${version}` },
      request,
      timeoutMs,
      this.#core.context(),
    );
    if ('failure' in sent) throw failed(sent.failure);
    const { response } = sent.review;
    if (!isRecord(response)) throw failed('invalid response: empty response');
    const { result, convertedObjects } = response;
    const { status, message } = (isRecord(result) ? result : {}) as { status?: string; message?: string };
    if (status !== 'Success') throw failed(message || 'unknown error');
    if (!Array.isArray(convertedObjects) || convertedObjects.length !== objects.length) {
      const count = Array.isArray(convertedObjects) ? convertedObjects.length : 0;
      throw plainError(
        `conversion webhook for ${this.#name(objects[0]!)} returned ${count} objects, expected ${objects.length}`,
      );
    }
    return (convertedObjects as KubeObject[]).map((converted, i) => this.#checked(converted, objects[i]!, apiVersion));
  }

  /** A webhook may change all but who the object is (validateConvertedObject). */
  #checked(converted: KubeObject, { metadata }: KubeObject, apiVersion: string): KubeObject {
    const invalid = (why: string) =>
      plainError(
        `conversion webhook for ${apiVersion}, Kind=${this.#kind} returned invalid converted object at index 0: ${why}`,
      );
    if (converted.apiVersion !== apiVersion)
      throw invalid(`invalid groupVersion (expected ${apiVersion}, received ${converted.apiVersion})`);
    if (converted.kind !== this.#kind)
      throw invalid(`invalid kind (expected ${this.#kind}, received ${converted.kind})`);
    for (const name of ['name', 'namespace', 'uid'] as const) {
      if ((converted.metadata?.[name] ?? '') === (metadata[name] ?? '')) continue;
      const error = invalidField(`metadata.${name}`, converted.metadata?.[name] ?? '', 'field is immutable');
      throw invalid(`${error.field}: ${error.detail}`);
    }
    return converted;
  }
}

class DraftPending extends Pending {
  readonly #convert: () => Promise<void>;

  constructor(convert: () => Promise<void>) {
    super();
    this.#convert = convert;
  }

  answered(): Promise<void> {
    return this.#convert();
  }
}

function ownMetadata({ metadata }: KubeObject): Partial<KubeObject['metadata']> {
  const { resourceVersion, generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  return {
    resourceVersion,
    creationTimestamp,
    ...(generation !== undefined && { generation }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
  };
}
