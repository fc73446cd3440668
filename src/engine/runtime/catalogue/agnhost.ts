import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, alpine as alpineFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** The test server with many subcommands that the Kubernetes documentation uses. */
export const agnhost = defineRepository({
  name: 'registry.k8s.io/e2e-test-images/agnhost',
  tags: { releases: ['2.57', '2.56', '2.53', '2.47', '2.45', '2.43', '2.40', '2.39', '2.33', '2.21'] },
  size: () => ({ base: 'alpine 3.22', baseSize: baseSizes.alpine, ownSize: 46500000 }),
  config: () => ({ entrypoint: ['/agnhost'], cmd: ['pause'], exposedPorts: ['8080/tcp'], env: { PATH: defaultPath } }),
  rootfs: ({ version }) =>
    buildRootfs(alpineFiles('3.22.2'), {
      '/agnhost': program('agnhost', version),
      ...Object.fromEntries(
        ['curl', 'dig', 'host', 'getent', 'iptables', 'tcpdump', 'jq'].map((name) => [
          `/usr/bin/${name}`,
          program(name),
        ]),
      ),
    }),
});
