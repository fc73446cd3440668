import { buildRootfs, emptyDirectory, program } from '../rootfs.ts';
import { alpine, baseSizes, debian, onAlpine } from './bases.ts';
import { defineRepository, megabytes } from './repository.ts';

/** The Apache HTTP server. */
export const httpd = defineRepository({
  name: 'docker.io/library/httpd',
  tags: { releases: ['2.4.66', '2.2.34'], variants: /alpine(3\.\d+)?|bookworm|bullseye|trixie/ },
  size: ({ variant }) =>
    onAlpine(variant)
      ? { base: 'alpine 3.22', baseSize: baseSizes.alpine, ownSize: megabytes(16.4) }
      : { base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 15_488_312 },
  config: ({ version }) => ({
    cmd: ['httpd-foreground'],
    env: {
      PATH: '/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HTTPD_PREFIX: '/usr/local/apache2',
      HTTPD_VERSION: version,
    },
    workingDir: '/usr/local/apache2',
    exposedPorts: ['80/tcp'],
    stopSignal: 'SIGWINCH',
  }),
  rootfs: ({ version, variant }) =>
    buildRootfs(onAlpine(variant) ? alpine('3.22.2') : debian('bookworm'), {
      '/usr/local/bin/httpd-foreground': program('apache', version),
      '/usr/local/apache2/bin/httpd': program('apache', version),
      '/usr/local/apache2/htdocs/index.html': '<html><body><h1>It works!</h1></body></html>\n',
      '/usr/local/apache2/conf/httpd.conf':
        'ServerRoot "/usr/local/apache2"\nListen 80\nDocumentRoot "/usr/local/apache2/htdocs"\nDirectoryIndex index.html\n',
      '/usr/local/apache2/logs': emptyDirectory,
    }),
});
