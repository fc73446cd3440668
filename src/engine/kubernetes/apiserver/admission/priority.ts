import type { KubeObject, Pod } from '../../types.ts';
import { forbidden } from '../errors.ts';
import type { Mutable } from '../resources/kind.ts';
import type { AdmissionPlugin } from './plugin.ts';

type PriorityClass = KubeObject & {
  value?: number;
  globalDefault?: boolean;
  preemptionPolicy?: NonNullable<Pod['spec']['preemptionPolicy']>;
};

/** Resolves a Pod's priority class to its number; guards the classes of the system. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  resources: ['/pods', 'scheduling.k8s.io/priorityclasses'],
  admit({ operation, resource, group, object, old, name, context }) {
    if (resource !== 'pods' || operation === 'DELETE') return;
    const { spec } = object as unknown as Mutable<Pod>;
    if (!spec) return;
    if (operation === 'UPDATE') {
      // Decided once: a client that leaves it out keeps it.
      const before = (old as Pod | undefined)?.spec;
      if (before?.priority !== undefined) spec.priority ??= before.priority;
      if (before?.preemptionPolicy !== undefined) spec.preemptionPolicy ??= before.preemptionPolicy;
      return;
    }
    const classes = 'scheduling.k8s.io';
    let chosen: PriorityClass | undefined;
    if (spec.priorityClassName) {
      chosen = context.get(classes, 'priorityclasses', undefined, spec.priorityClassName) as PriorityClass | undefined;
      if (!chosen) {
        throw forbidden({ group, resource }, name, `no PriorityClass with name ${spec.priorityClassName} was found`);
      }
    } else {
      const defaults = (context.list(classes, 'priorityclasses') as readonly PriorityClass[]).filter(
        (c) => c.globalDefault,
      );
      chosen = defaults.sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
      if (chosen) spec.priorityClassName = chosen.metadata.name;
    }
    const value = chosen?.value ?? 0;
    if (spec.priority !== undefined && spec.priority !== value) {
      const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
      throw forbidden({ group, resource }, name, why);
    }
    spec.priority = value;
    spec.preemptionPolicy ??= chosen?.preemptionPolicy ?? 'PreemptLowerPriority';
  },
  validate({ operation, group, resource, name }) {
    if (operation === 'DELETE' && resource === 'priorityclasses' && name.startsWith('system-')) {
      throw forbidden({ group, resource }, name, 'this is a system priority class and cannot be deleted');
    }
  },
};
