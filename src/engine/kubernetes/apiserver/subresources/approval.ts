import { isRecord } from '../objects.ts';
import type { SubresourceHandler } from './registry.ts';

/** certificatesigningrequests/approval: sets the Approved and Denied conditions. */
export const approval: SubresourceHandler = {
  name: 'approval',
  get: (_served, object) => object as unknown as Record<string, unknown>,
  update(_core, served, object, body, options) {
    const status = isRecord(body['status']) ? body['status'] : {};
    const entry = served.storage.update(
      undefined,
      object.metadata.name,
      (existing) => {
        const old = (existing as { status?: Record<string, unknown> }).status ?? {};
        return { ...existing, status: { ...old, conditions: status['conditions'] ?? [] } };
      },
      options,
    );
    return entry.object as unknown as Record<string, unknown>;
  },
};
