import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, debian as debianFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** The Perl interpreter. */
export const perl = defineRepository({
  name: 'docker.io/library/perl',
  tags: {
    releases: ['5.42.0', '5.40.3', '5.38.5', '5.36.3', '5.34.3', '5.32.1'],
    variants: /(slim)?-?(bookworm|bullseye|trixie|threaded)?/,
  },
  size: () => ({ base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 360000000 }),
  config: ({ version }) => ({ cmd: ['perl-de'], env: { PATH: defaultPath, PERL_VERSION: version } }),
  rootfs: ({ version }) => buildRootfs(debianFiles('bookworm'), { '/usr/local/bin/perl': program('perl', version) }),
});
