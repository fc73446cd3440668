import type { Preset } from './index.ts';

/** A workstation with kubectl and nothing that it could reach. */
export const empty: Preset = {
  name: 'empty',
  furnish: ({ workstation }) => {
    workstation.install(['kubectl']);
    return {};
  },
};
