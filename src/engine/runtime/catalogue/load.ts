import { buildRootfs, emptyDirectory, program } from '../rootfs.ts';
import { alpine, baseSizes, debian, scratch } from './bases.ts';
import { defaultPath, defineRepository, megabytes } from './repository.ts';

/** Images whose only purpose is to use up CPU and memory: those of the Kubernetes documentation and their kin. */

export const hpaExample = defineRepository({
  name: 'registry.k8s.io/hpa-example',
  tags: { releases: ['1.0.0'], aliases: { latest: '1.0.0' } },
  size: () => ({ base: 'debian jessie', baseSize: 51_361_330, ownSize: megabytes(137) }),
  config: () => ({
    cmd: ['apache2-foreground'],
    env: { PATH: defaultPath, PHP_INI_DIR: '/usr/local/etc/php', PHP_VERSION: '5.6.14' },
    workingDir: '/var/www/html',
    exposedPorts: ['80/tcp'],
  }),
  rootfs: () =>
    buildRootfs(debian('bullseye'), {
      '/usr/local/bin/apache2-foreground': program('hpa-example', '2.4.10'),
      '/var/www/html/index.php':
        '<?php\n$x = 0.0001;\nfor ($i = 0; $i <= 1000000; $i++) {\n  $x += sqrt($x);\n}\necho "OK!";\n?>\n',
      '/var/log/apache2': emptyDirectory,
    }),
});

export const polinuxStress = defineRepository({
  name: 'docker.io/polinux/stress',
  tags: { releases: ['1.0.4'] },
  size: () => ({ base: 'alpine 3.12', baseSize: 2_798_889, ownSize: 1_040_112 }),
  config: () => ({ cmd: ['stress', '--verbose', '--vm', '1', '--vm-bytes', '256M'], env: { PATH: defaultPath } }),
  rootfs: () => buildRootfs(alpine('3.12.0'), { '/usr/local/bin/stress': program('stress', '1.0.4') }),
});

export const progriumStress = defineRepository({
  name: 'docker.io/progrium/stress',
  tags: { releases: ['1.0.4'] },
  size: () => ({ base: 'debian bullseye', baseSize: baseSizes.debian, ownSize: megabytes(83) }),
  config: () => ({ entrypoint: ['/usr/bin/stress', '--verbose'], env: { PATH: defaultPath } }),
  rootfs: () => buildRootfs(debian('bullseye'), { '/usr/bin/stress': program('stress', '1.0.4') }),
});

export const stressNg = defineRepository({
  name: 'docker.io/alexeiled/stress-ng',
  tags: { releases: ['0.12.05', '0.11.21'], aliases: { 'latest-ubuntu': '0.12.05' } },
  size: () => ({ base: 'scratch', baseSize: baseSizes.scratch, ownSize: megabytes(2.8) }),
  config: () => ({ entrypoint: ['/stress-ng'], cmd: ['--help'], env: { PATH: defaultPath } }),
  rootfs: () => buildRootfs(scratch, { '/stress-ng': program('stress-ng', '0.12.05') }),
});

export const polinuxStressNg = defineRepository({
  name: 'docker.io/polinux/stress-ng',
  tags: { releases: ['0.13.05'] },
  size: () => ({ base: 'alpine 3.16', baseSize: baseSizes.alpine, ownSize: megabytes(2.1) }),
  config: () => ({ cmd: ['stress-ng', '--vm', '1', '--vm-bytes', '256M'], env: { PATH: defaultPath } }),
  rootfs: () => buildRootfs(alpine('3.16.0'), { '/usr/bin/stress-ng': program('stress-ng', '0.13.05') }),
});

export const vishStress = defineRepository({
  name: 'docker.io/vish/stress',
  tags: { releases: ['1.0.0'] },
  size: () => ({ base: 'scratch', baseSize: baseSizes.scratch, ownSize: 1_558_791 }),
  config: () => ({ entrypoint: ['/stress', '-logtostderr'], env: { PATH: defaultPath } }),
  rootfs: () => buildRootfs(scratch, { '/stress': program('vish-stress', '1.0.0') }),
});

export const resourceConsumer = defineRepository({
  name: 'registry.k8s.io/e2e-test-images/resource-consumer',
  tags: { releases: ['1.13', '1.10', '1.9'] },
  size: () => ({ base: 'busybox', baseSize: baseSizes.busybox, ownSize: megabytes(35.6) }),
  config: () => ({ entrypoint: ['/consumer'], exposedPorts: ['8080/tcp'], env: { PATH: defaultPath } }),
  rootfs: ({ version }) => buildRootfs(scratch, { '/consumer': program('resource-consumer', version) }),
});

export const metricsServer = defineRepository({
  name: 'registry.k8s.io/metrics-server/metrics-server',
  tags: { releases: ['v0.8.1', 'v0.7.2', 'v0.6.4'].map((tag) => tag.slice(1)), prefix: 'v' },
  size: () => ({ base: 'distroless static', baseSize: 104_223, ownSize: megabytes(21.9) }),
  config: () => ({ entrypoint: ['/metrics-server'], user: '65534', env: { PATH: defaultPath } }),
  rootfs: ({ version }) => buildRootfs(scratch, { '/metrics-server': program('metrics-server', version) }),
});
