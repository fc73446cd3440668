import type { Program } from '../../process/index.ts';
import { hpaExample } from './hpa-example.ts';
import { resourceConsumer } from './resource-consumer.ts';
import { stressNg } from './stress-ng.ts';
import { stress } from './stress.ts';
import { vishStress } from './vish-stress.ts';

/** Programs that put load on a machine, or show what load does, by the name that executable files carry. */
export const loadPrograms: readonly (readonly [string, Program])[] = [
  ['hpa-example', hpaExample],
  ['resource-consumer', resourceConsumer],
  ['stress', stress],
  ['stress-ng', stressNg],
  ['vish-stress', vishStress],
];
