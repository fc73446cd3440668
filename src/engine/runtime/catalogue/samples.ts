import { buildRootfs, program } from '../rootfs.ts';
import { alpine, baseSizes, scratch } from './bases.ts';
import { defaultPath, defineRepository, megabytes } from './repository.ts';

/** Sample applications of tutorials. */

const helloApps = (name: string) =>
  defineRepository({
    name,
    tags: { releases: ['2.0', '1.0'], aliases: { latest: '1.0' } },
    size: ({ version }) => ({
      base: 'distroless static',
      baseSize: 104_223,
      ownSize: megabytes(version === '2.0' ? 6.6 : 6.5),
    }),
    config: ({ version }) => ({
      entrypoint: ['/hello-app'],
      exposedPorts: ['8080/tcp'],
      env: { PATH: defaultPath, PORT: '8080', HELLO_APP_VERSION: `${version}.0` },
    }),
    rootfs: ({ version }) => buildRootfs(scratch, { '/hello-app': program('hello-app', version) }),
  });

export const helloApp = helloApps('gcr.io/google-samples/hello-app');
export const helloAppRegional = helloApps('us-docker.pkg.dev/google-samples/containers/gke/hello-app');

const podinfoImage = (name: string) =>
  defineRepository({
    name,
    tags: {
      releases: [
        '6.9.2',
        '6.9.1',
        '6.8.0',
        '6.7.1',
        '6.6.3',
        '6.5.4',
        '6.4.1',
        '6.3.6',
        '6.2.3',
        '6.1.8',
        '6.0.4',
        '5.2.1',
      ],
    },
    size: () => ({ base: 'alpine 3.22', baseSize: baseSizes.alpine, ownSize: megabytes(25.3) }),
    config: ({ version }) => ({
      cmd: ['./podinfo'],
      user: 'app',
      workingDir: '/home/app',
      env: { PATH: defaultPath, PODINFO_VERSION: version },
    }),
    rootfs: ({ version }) =>
      buildRootfs(alpine('3.22.2'), {
        '/home/app/podinfo': program('podinfo', version),
        '/usr/bin/curl': program('curl', '8.14.1'),
        '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\napp:x:100:101:Linux User,,,:/home/app:/sbin/nologin\n',
      }),
  });

export const podinfo = podinfoImage('docker.io/stefanprodan/podinfo');
export const podinfoGithub = podinfoImage('ghcr.io/stefanprodan/podinfo');
