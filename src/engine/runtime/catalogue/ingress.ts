import { buildRootfs, emptyDirectory, program } from '../rootfs.ts';
import { alpine, baseSizes, scratch } from './bases.ts';
import { defaultPath, defineRepository, megabytes } from './repository.ts';

/** Controllers that bring traffic into clusters. */

export const ingressNginx = defineRepository({
  name: 'registry.k8s.io/ingress-nginx/controller',
  tags: { releases: ['1.14.1', '1.13.3', '1.12.6', '1.11.8'], prefix: 'v' },
  size: () => ({ base: 'alpine 3.22', baseSize: baseSizes.alpine, ownSize: megabytes(108) }),
  config: () => ({
    cmd: ['/nginx-ingress-controller'],
    user: '101',
    workingDir: '/etc/nginx',
    exposedPorts: ['80/tcp', '443/tcp'],
    env: { PATH: defaultPath },
  }),
  rootfs: ({ version }) =>
    buildRootfs(alpine('3.22.2'), {
      '/nginx-ingress-controller': program('nginx-ingress-controller', version),
      '/usr/bin/curl': program('curl', '8.14.1'),
      '/wait-shutdown': { script: '#!/bin/sh\nkill -TERM 1\n' },
      '/etc/nginx': { directory: true, uid: 101 },
      '/etc/ingress-controller/ssl': { directory: true, uid: 101 },
      '/usr/local/certificates': emptyDirectory,
    }),
});

export const kubeWebhookCertgen = defineRepository({
  name: 'registry.k8s.io/ingress-nginx/kube-webhook-certgen',
  tags: { releases: ['1.6.5', '1.5.4', '1.4.4'], prefix: 'v' },
  size: () => ({ base: 'distroless static', baseSize: 104_223, ownSize: megabytes(19.4) }),
  config: () => ({ entrypoint: ['/kube-webhook-certgen'], user: '65532', env: { PATH: defaultPath } }),
  rootfs: ({ version }) => buildRootfs(scratch, { '/kube-webhook-certgen': program('kube-webhook-certgen', version) }),
});

export const envoyGateway = defineRepository({
  name: 'docker.io/envoyproxy/gateway',
  tags: { releases: ['1.6.0', '1.5.4', '1.4.6'], prefix: 'v' },
  size: () => ({ base: 'distroless static', baseSize: 104_223, ownSize: megabytes(40.3) }),
  config: () => ({
    entrypoint: ['/usr/local/bin/envoy-gateway'],
    cmd: ['server'],
    user: '65532',
    env: { PATH: defaultPath },
  }),
  rootfs: ({ version }) => buildRootfs(scratch, { '/usr/local/bin/envoy-gateway': program('envoy-gateway', version) }),
});

export const envoy = defineRepository({
  name: 'docker.io/envoyproxy/envoy',
  tags: {
    releases: ['1.36.2', '1.35.6'],
    prefix: 'v',
    aliases: { 'distroless-v1.36.2': '1.36.2', 'distroless-v1.35.6': '1.35.6' },
  },
  size: () => ({ base: 'distroless base', baseSize: 8_300_000, ownSize: megabytes(44.8) }),
  config: () => ({ entrypoint: ['/usr/local/bin/envoy'], user: '65532', env: { PATH: defaultPath } }),
  rootfs: ({ version }) => buildRootfs(scratch, { '/usr/local/bin/envoy': program('envoy', version) }),
});

const metallb = (part: 'controller' | 'speaker') =>
  defineRepository({
    name: `quay.io/metallb/${part}`,
    tags: { releases: ['0.15.3', '0.14.9', '0.13.12'], prefix: 'v' },
    size: () => ({
      base: 'distroless static',
      baseSize: 104_223,
      ownSize: megabytes(part === 'speaker' ? 61.2 : 29.8),
    }),
    config: () => ({ entrypoint: [`/${part}`], env: { PATH: defaultPath } }),
    rootfs: ({ version }) => buildRootfs(scratch, { [`/${part}`]: program(`metallb-${part}`, version) }),
  });

export const metallbController = metallb('controller');
export const metallbSpeaker = metallb('speaker');
