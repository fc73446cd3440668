import type { ImageConfig } from '../image.ts';
import { buildRootfs, emptyDirectory, program, type RootEntries } from '../rootfs.ts';
import { alpine, baseSizes, debian, onAlpine } from './bases.ts';
import { defaultPath, defineRepository, megabytes, type Release } from './repository.ts';

/** Built on Debian stretch. */
function isOld(version: string): boolean {
  return /^1\.([0-9]|1[0-8])\./.test(version);
}

/** nginx: the web server most Kubernetes examples run. */
export const nginx = defineRepository({
  name: 'docker.io/library/nginx',
  tags: {
    releases: [
      '1.29.4',
      '1.28.1',
      '1.27.5',
      '1.26.3',
      '1.25.5',
      '1.24.0',
      '1.23.4',
      '1.22.1',
      '1.21.6',
      '1.20.2',
      '1.19.10',
      '1.18.0',
      '1.17.10',
      '1.16.1',
      '1.15.12',
      '1.14.2',
      '1.13.12',
      '1.12.2',
      '1.11.13',
      '1.10.3',
      '1.9.15',
      '1.8.1',
      '1.7.12',
    ],
    aliases: { mainline: '1.29.4', stable: '1.28.1' },
    variants: /(alpine|bookworm|bullseye|trixie)?-?(slim|perl|otel)?(alpine(3\.\d+)?)?-?(slim|perl|otel)?/,
  },
  size: (release) =>
    onAlpine(release.variant)
      ? {
          base: 'alpine 3.22',
          baseSize: baseSizes.alpine,
          ownSize: megabytes(release.variant.includes('slim') ? 1.3 : 18.2),
        }
      : isOld(release.version)
        ? { base: 'debian stretch', baseSize: 22_486_277, ownSize: 22_206_000, more: [203] }
        : {
            base: 'debian bookworm',
            baseSize: baseSizes.debian,
            ownSize: 43_954_112,
            more: [629, 955, 402, 1_209, 1_398],
          },
  config: ({ version }): ImageConfig => ({
    // Before 1.19 the image had no entrypoint.
    ...(isOld(version) ? {} : { entrypoint: ['/docker-entrypoint.sh'] }),
    cmd: ['nginx', '-g', 'daemon off;'],
    env: isOld(version)
      ? ({ PATH: defaultPath, NGINX_VERSION: `${version}-1~stretch` } as Record<string, string>)
      : { PATH: defaultPath, NGINX_VERSION: version, NJS_VERSION: '0.8.10', PKG_RELEASE: '1~bookworm' },
    exposedPorts: ['80/tcp'],
    stopSignal: isOld(version) ? 'SIGTERM' : 'SIGQUIT',
    labels: { maintainer: 'NGINX Docker Maintainers <docker-maint@nginx.com>' },
  }),
  rootfs: (release) => buildRootfs(onAlpine(release.variant) ? alpine('3.22.2') : debian('bookworm'), files(release)),
});

const page = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;

/** As it was before dark mode. */
const oldPage = page.replace(
  /<style>[^]*<\/style>/,
  `<style>
    body {
        width: 35em;
        margin: 0 auto;
        font-family: Tahoma, Verdana, Arial, sans-serif;
    }
</style>`,
);

const errorPage = `<!DOCTYPE html>
<html>
<head>
<title>Error</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>An error occurred.</h1>
<p>Sorry, the page you are looking for is currently unavailable.<br/>
Please try again later.</p>
<p>If you are the system administrator of this resource then you should check
the error log for details.</p>
<p><em>Faithfully yours, nginx.</em></p>
</body>
</html>
`;

const mainConfig = `user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;

events {
    worker_connections  1024;
}

http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;
    keepalive_timeout  65;

    include /etc/nginx/conf.d/*.conf;
}
`;

const defaultServer = `server {
    listen       80;
    listen  [::]:80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`;

const mimeTypes = `types {
    text/html                             html htm shtml;
    text/css                              css;
    text/xml                              xml;
    image/gif                             gif;
    image/jpeg                            jpeg jpg;
    application/javascript                js;
    text/plain                            txt;
    image/png                             png;
    image/svg+xml                         svg svgz;
    image/x-icon                          ico;
    application/json                      json;
    application/pdf                       pdf;
    application/zip                       zip;
    application/octet-stream              bin exe dll;
}
`;

function files({ version }: Release): RootEntries {
  return {
    '/docker-entrypoint.sh': program('nginx-entrypoint', version),
    '/docker-entrypoint.d': emptyDirectory,
    '/usr/sbin/nginx': program('nginx', version),
    '/usr/bin/curl': program('curl', '7.88.1'),
    '/usr/share/nginx/html/index.html': isOld(version) ? oldPage : page,
    '/usr/share/nginx/html/50x.html': errorPage,
    '/etc/nginx/nginx.conf': isOld(version) ? mainConfig.replace(' notice;', ' warn;') : mainConfig,
    '/etc/nginx/mime.types': mimeTypes,
    '/etc/nginx/conf.d/default.conf': defaultServer,
    '/var/cache/nginx': emptyDirectory,
    '/var/log/nginx/access.log': { link: '/dev/stdout' },
    '/var/log/nginx/error.log': { link: '/dev/stderr' },
  };
}
