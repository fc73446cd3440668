import type { Plugin } from '../framework.ts';

const name = 'NodeName';

/** Honours a node asked for by name. */
export const nodeName: Plugin = {
  name,
  preFilter: ({ pod }) =>
    pod.spec.nodeName
      ? {
          filter: (node) =>
            node.name === pod.spec.nodeName
              ? undefined
              : { plugin: name, reasons: ["node(s) didn't match the requested node name"], resolvable: false },
        }
      : undefined,
  requeue: (event) => event.type === 'NodeAdd',
};
