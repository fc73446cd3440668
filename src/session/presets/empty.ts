import { Network } from '../../engine/network/index.ts';
import { World } from '../../engine/world/index.ts';
import type { Preset } from './index.ts';
import { createWorkstation } from './workstation.ts';

/** A workstation and nothing else. */
export const empty: Preset = {
  name: 'empty',
  build: (options) => {
    const world = new World({ seed: options.seed, epoch: options.epoch });
    const network = new Network(world);
    const workstation = createWorkstation(world, network, options, { clients: ['kubectl'] });
    return { world, network, hosts: new Map([[workstation.name, workstation]]), workstation, cluster: undefined };
  },
};
