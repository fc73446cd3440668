import { quantityFromNumber, zeroQuantity } from '../apimachinery/quantity.ts';
import type { Service } from '../types.ts';
import { countName, one, type Evaluator } from './evaluator.ts';

const count = countName('', 'services');
const counted = new Set([count, 'services', 'services.nodeports', 'services.loadbalancers']);

/** Services, and of them those that take node ports and load balancers (evaluator/core, services.go). */
export const serviceEvaluator: Evaluator = {
  group: '',
  resource: 'services',
  handles: (operation, subresource) => subresource === undefined && (operation === 'CREATE' || operation === 'UPDATE'),
  matching: (names) => names.filter((name) => counted.has(name)),

  usage(object) {
    const { type, ports = [], allocateLoadBalancerNodePorts } = (object as Service).spec;
    const usage = new Map([
      [count, one],
      ['services', one],
      ['services.loadbalancers', zeroQuantity],
      ['services.nodeports', zeroQuantity],
    ]);
    if (type === 'NodePort') {
      usage.set('services.nodeports', quantityFromNumber(ports.length));
    } else if (type === 'LoadBalancer') {
      const taken = allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort }) => nodePort) : ports;
      usage.set('services.nodeports', quantityFromNumber(taken.length));
      usage.set('services.loadbalancers', one);
    }
    return usage;
  },

  frees: (object, previous) => (object as Service).spec.type !== (previous as Service).spec.type,
};
