import { buildRootfs, program } from '../rootfs.ts';
import { debian } from './bases.ts';
import { defaultPath, defineRepository, megabytes } from './repository.ts';

/** CentOS: of old tutorials; nobody maintains it any more. */
export const centos = defineRepository({
  name: 'docker.io/library/centos',
  tags: { releases: ['8', '7', '6'], aliases: { latest: '8', centos7: '7', centos8: '8' } },
  size: ({ version }) => ({
    base: `centos ${version}`,
    baseSize: megabytes(version === '8' ? 83.5 : 76.1),
    ownSize: 0,
  }),
  config: () => ({ cmd: ['/bin/bash'], env: { PATH: defaultPath } }),
  rootfs: ({ version }) => {
    const { '/etc/debian_version': _, '/usr/bin/apt': _apt, '/usr/bin/apt-get': _get, '/usr/bin/dpkg': _dpkg, ...files } = debian('bookworm'); // prettier-ignore
    return buildRootfs(files, {
      '/usr/bin/yum': program('yum'),
      '/usr/bin/dnf': program('dnf'),
      '/etc/centos-release': `CentOS Linux release ${version}\n`,
      '/etc/os-release': [
        'NAME="CentOS Linux"',
        `VERSION="${version} (Core)"`,
        'ID="centos"',
        `VERSION_ID="${version}"`,
        `PRETTY_NAME="CentOS Linux ${version} (Core)"`,
        '',
      ].join('\n'),
    });
  },
});
