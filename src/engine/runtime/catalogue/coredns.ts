import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, scratch } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** The cluster's DNS server. */
export const coredns = defineRepository({
  name: 'registry.k8s.io/coredns/coredns',
  tags: { releases: ['1.13.1', '1.12.4', '1.11.3'], prefix: 'v' },
  size: () => ({ base: 'scratch', baseSize: baseSizes.scratch, ownSize: 23553139 }),
  config: () => ({
    entrypoint: ['/coredns'],
    user: 'nonroot:nonroot',
    exposedPorts: ['53/tcp', '53/udp'],
    env: { PATH: defaultPath },
  }),
  rootfs: ({ version }) =>
    buildRootfs(scratch, {
      '/coredns': program('coredns', version),
      '/etc/passwd': 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
      '/etc/group': 'nonroot:x:65532:\n',
    }),
});
