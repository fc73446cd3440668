import { furnishDocker, roomDocker } from './docker-host.ts';
import type { Preset } from './index.ts';

/** A laptop with Docker Engine and two registries beside it; no cluster. */
export const laptop: Preset = {
  name: 'laptop',
  furnish: (room) => {
    const engine = furnishDocker(room);
    return { docker: roomDocker(engine) };
  },
};
