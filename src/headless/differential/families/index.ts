import type { Sequence } from '../sequence.ts';
import { applySequences } from './apply.ts';
import { authSequences } from './auth.ts';
import { completionSequences } from './completion.ts';
import { configSequences } from './config.ts';
import { createSequences } from './create.ts';
import { describeSequences } from './describe.ts';
import { discoverySequences } from './discovery.ts';
import { flagSequences } from './flags.ts';
import { getSequences } from './get.ts';
import { helpSequences } from './help.ts';
import { manifestSequences } from './manifests.ts';
import { metadataSequences } from './metadata.ts';
import { removalSequences } from './removal.ts';
import { setSequences } from './set.ts';
import { workloadSequences } from './workloads.ts';

/** All families of command lines, each sequence in a world of its own. */
export function families(): Sequence[] {
  return [
    ...helpSequences(),
    ...flagSequences(),
    ...getSequences(),
    ...describeSequences(),
    ...createSequences(),
    ...applySequences(),
    ...manifestSequences(),
    ...metadataSequences(),
    ...setSequences(),
    ...workloadSequences(),
    ...removalSequences(),
    ...authSequences(),
    ...configSequences(),
    ...discoverySequences(),
    ...completionSequences(),
  ];
}

/** What `npm test` runs with the real kubectl, too: a few of each sort, some twenty seconds. */
export const shard: readonly string[] = ['metadata/label', 'create/simple', 'set/env', 'removal/1', 'get/columns'];

/** Whose answers are kept in conformance/differential, for tests without the real kubectl. */
export const kept: readonly string[] = [
  'apply/last-applied',
  'create/broken',
  'create/simple',
  'get/columns',
  'metadata/annotate',
  'metadata/label',
  'removal/more',
  'set/env',
  'set/image',
  'workloads/scale',
];
