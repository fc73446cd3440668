import { labelMatcher } from '../apimachinery/label-matcher.ts';
import { refs } from '../types.ts';
import { replicaController } from './replicas.ts';

export const replicaSetController = replicaController({
  name: 'replicaset-controller',
  component: 'replicaset-controller',
  serviceAccount: 'replicaset-controller',
  ref: refs.replicaSets,
  matcherOf: ({ spec }) => labelMatcher(spec.selector),
  countsTerminating: true,
});
