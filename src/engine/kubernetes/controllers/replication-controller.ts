import { labelsMatcher } from '../apimachinery/label-matcher.ts';
import { refs } from '../types.ts';
import { replicaController } from './replicas.ts';

export const replicationController = replicaController({
  name: 'replicationcontroller-controller',
  component: 'replication-controller',
  serviceAccount: 'replication-controller',
  ref: refs.replicationControllers,
  matcherOf: ({ spec }) => labelsMatcher(spec.selector ?? {}),
  countsTerminating: false,
});
