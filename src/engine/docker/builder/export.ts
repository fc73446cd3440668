import { digestOf, type HistoryEntry, type Image, type ImageConfig } from '../../runtime/index.ts';
import { imageDetails } from '../images/details.ts';
import { isStage, type StagePlan } from './plan.ts';
import type { StageResult } from './solve.ts';

const comment = 'buildkit.dockerfile.v0';

interface Draft {
  createdBy: string;
  created: number | undefined;
  empty: boolean;
  comment?: string;
}

function historyOf(plan: StagePlan, created: ReadonlyMap<StagePlan, readonly number[]>, epoch: number): Draft[] {
  const { base } = plan;
  const drafts: Draft[] =
    base === 'scratch'
      ? []
      : isStage(base)
        ? historyOf(base, created, epoch)
        : imageDetails(base.image, epoch).history.map((entry) => ({
            createdBy: entry.createdBy,
            created: entry.created,
            empty: entry.emptyLayer ?? false,
            ...(entry.comment === undefined ? {} : { comment: entry.comment }),
          }));
  for (const { createdBy, op } of plan.history)
    drafts.push({
      createdBy,
      created: op === undefined ? undefined : created.get(plan)?.[op],
      empty: op === undefined,
      comment,
    });
  return drafts;
}

/**
 * The image of a stage. Steps without a layer get the time of the first new layer, or of the layer before them
 * (exporter/containerimage, normalizeLayersAndHistory).
 */
export function imageOf(
  plan: StagePlan,
  result: StageResult,
  created: ReadonlyMap<StagePlan, readonly number[]>,
  options: { labels: Readonly<Record<string, string>>; epoch: number; architecture: string },
): Image {
  const drafts = historyOf(plan, created, options.epoch);
  let time: number | undefined;
  let gap = false;
  for (const draft of drafts) {
    if (draft.created !== undefined) {
      time = draft.created;
      if (gap) break;
    } else gap = true;
  }
  gap = false;
  const history: HistoryEntry[] = drafts.map((draft) => {
    if (draft.created !== undefined) {
      if (gap) time = draft.created;
    } else gap = true;
    const at = draft.created ?? time ?? options.epoch;
    return {
      created: at,
      createdBy: draft.createdBy,
      ...(draft.comment === undefined ? {} : { comment: draft.comment }),
      ...(draft.empty ? { emptyLayer: true } : {}),
    };
  });
  const layers = result.layers.map(({ layer }) => layer);
  const labels = { ...plan.config.labels, ...options.labels };
  const config: ImageConfig = { ...plan.config, ...(Object.keys(labels).length > 0 ? { labels } : {}) };
  const id = digestOf(JSON.stringify([config, history, layers.map((l) => l.diffId ?? l.digest), plan.author, options.architecture]));
  return {
    id,
    digest: digestOf(`manifest ${id}`),
    layers,
    size: layers.reduce((sum, layer) => sum + layer.size, 0),
    config,
    created: history.at(-1)?.created ?? options.epoch,
    ...(plan.author === '' ? {} : { author: plan.author }),
    comment,
    history,
    architecture: options.architecture,
    rootfs: () => result.root,
  };
} // prettier-ignore
