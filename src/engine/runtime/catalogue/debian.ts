import { buildRootfs } from '../rootfs.ts';
import { baseSizes, debian as files } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

const codenames = { '13.2': 'trixie', '12.12': 'bookworm', '11.11': 'bullseye' } as const;

/** Debian. */
export const debian = defineRepository({
  name: 'docker.io/library/debian',
  tags: {
    releases: Object.keys(codenames),
    aliases: { stable: '13.2', trixie: '13.2', bookworm: '12.12', bullseye: '11.11', 'stable-slim': '13.2' },
    variants: /slim|bookworm-slim|bullseye-slim|trixie-slim/,
  },
  size: ({ version }) => ({ base: `debian ${codename(version)}`, baseSize: baseSizes.debian, ownSize: 18_700_000 }),
  config: () => ({ cmd: ['bash'], env: { PATH: defaultPath } }),
  rootfs: ({ version }) => buildRootfs(files(codename(version))),
});

function codename(version: string): 'trixie' | 'bookworm' | 'bullseye' {
  return version.startsWith('13') ? 'trixie' : version.startsWith('12') ? 'bookworm' : 'bullseye';
}
