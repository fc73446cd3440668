import { controlGroupNames } from '../../process/index.ts';
import { emptyDirectory, program, type RootEntries, type RootEntry } from '../rootfs.ts';

/** File trees that images are built on: what is in `scratch`, busybox, Alpine and Debian images. */

/** What the kernel shows a container of its control group; the content is made when a file is opened. */
const controlGroupFiles: RootEntries = Object.fromEntries(
  controlGroupNames.map((name): [string, RootEntry] => [`/sys/fs/cgroup/${name}`, '']),
);

const devices: RootEntries = {
  '/dev/null': { device: 'null' },
  '/dev/zero': { device: 'zero' },
  '/dev/full': { device: 'full' },
  '/dev/random': { device: 'random' },
  '/dev/urandom': { device: 'random' },
  '/dev/tty': { device: 'tty' },
  '/dev/stdin': { device: 'stdin' },
  '/dev/stdout': { device: 'stdout' },
  '/dev/stderr': { device: 'stderr' },
  '/proc': emptyDirectory,
  '/sys': emptyDirectory,
  ...controlGroupFiles,
};

const accounts = (shell: string): RootEntries => ({
  '/etc/passwd': [
    `root:x:0:0:root:/root:${shell}`,
    'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
    'bin:x:2:2:bin:/bin:/usr/sbin/nologin',
    'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    '',
  ].join('\n'),
  '/etc/group': 'root:x:0:\ndaemon:x:1:\nbin:x:2:\nwww-data:x:33:\nnogroup:x:65534:\n',
});

/** Just what the runtime mounts; for images built `FROM scratch`. */
export const scratch: RootEntries = { ...devices, '/etc': emptyDirectory, '/tmp': { directory: true, mode: 0o1777 } };

const common: RootEntries = {
  ...devices,
  '/root': { directory: true, mode: 0o700 },
  '/home': emptyDirectory,
  '/tmp': { directory: true, mode: 0o1777 },
  '/run': emptyDirectory,
  '/var/tmp': { directory: true, mode: 0o1777 },
  '/var/log': emptyDirectory,
};

/** busybox applets; the names are the programs' too. */
const applets =
  'addgroup adduser ash awk base64 basename bc cal cat chgrp chmod chown clear cmp comm cp cut date dd df diff dirname dmesg dos2unix du echo ' +
  'egrep env expand expr factor false fgrep find fold free fuser getopt grep groups gunzip gzip head hexdump hostname ' +
  'httpd id ifconfig install ip kill killall less ln logger ls md5sum mkdir mkfifo mktemp more mount mv nc netstat nl nohup nproc ' +
  'nslookup od paste pgrep pidof ping pkill printenv printf ps pwd readlink realpath rev rm rmdir route sed seq sh ' +
  'sha1sum sha256sum sha512sum shuf sleep sort split stat strings stty sync tac tail tar tee telnet test time timeout top ' +
  'touch tr traceroute true truncate tty uname unexpand uniq unix2dos unzip uptime usleep vi watch wc wget which who ' +
  'whoami xargs xxd yes zcat';

const inDirectory = (directory: string, names: string, version = ''): RootEntries =>
  Object.fromEntries(
    names.split(' ').map((name): [string, RootEntry] => [`${directory}/${name}`, program(name, version)]),
  );

/** The busybox image. */
export function busybox(version: string): RootEntries {
  return {
    ...common,
    ...accounts('/bin/sh'),
    ...inDirectory('/bin', applets, version),
    '/bin/sh': program('ash', version),
    '/bin/busybox': program('busybox', version),
    '/bin/[': program('['),
    '/usr/bin/env': { link: '/bin/env' },
    '/etc/localtime': 'TZif2',
    '/var/spool/mail': emptyDirectory,
    '/var/www': emptyDirectory,
  };
}

/** Alpine Linux: busybox plus apk. */
export function alpine(version: string): RootEntries {
  return {
    ...common,
    '/media': emptyDirectory,
    '/mnt': emptyDirectory,
    '/opt': emptyDirectory,
    '/srv': emptyDirectory,
    ...accounts('/bin/sh'),
    ...inDirectory('/bin', applets, '1.37.0'),
    '/bin/sh': program('ash', '1.37.0'),
    '/bin/busybox': program('busybox', '1.37.0'),
    '/bin/[': program('['),
    '/usr/bin/env': { link: '/bin/env' },
    '/lib/ld-musl-x86_64.so.1': '\x7fELF',
    '/sbin/apk': program('apk'),
    '/etc/alpine-release': `${version}\n`,
    '/etc/os-release': [
      'NAME="Alpine Linux"',
      'ID=alpine',
      `VERSION_ID=${version}`,
      `PRETTY_NAME="Alpine Linux v${version.split('.').slice(0, 2).join('.')}"`,
      'HOME_URL="https://alpinelinux.org/"',
      '',
    ].join('\n'),
  };
}

const coreutils =
  'arch awk base64 basename bash cat chgrp chmod chown clear cmp comm cp cut date dash dd df diff dirname du echo egrep env expand expr ' +
  'factor false fgrep find fold getent getopt grep groups gunzip gzip head hostname id install join kill ln ls md5sum mkdir ' +
  'mkfifo mktemp more mount mv nl nohup nproc numfmt od paste perl pgrep printenv printf pwd readlink realpath rev rm rmdir sed seq ' +
  'sha1sum sha256sum sha512sum shuf sleep sort split stat stdbuf stty sync tac tail tar tee test timeout touch tr true ' +
  'truncate tsort tty umount uname unexpand uniq wc which whoami xargs yes zcat';

/** What Debian's bash reads when it is interactive: the prompt with user, host and directory. */
const debianBashrc = `[ -z "$PS1" ] && return
shopt -s checkwinsize
PS1='\\u@\\h:\\w\\$ '
`;

/** Debian slim, by release name; `/bin` is a link to `/usr/bin` there. */
export function debian(codename: 'bullseye' | 'bookworm' | 'trixie'): RootEntries {
  const number = { bullseye: 11, bookworm: 12, trixie: 13 }[codename];
  return {
    ...common,
    '/boot': emptyDirectory,
    '/media': emptyDirectory,
    '/mnt': emptyDirectory,
    '/opt': emptyDirectory,
    '/srv': emptyDirectory,
    ...accounts('/bin/bash'),
    '/bin': { link: 'usr/bin' },
    '/sbin': { link: 'usr/sbin' },
    '/lib': { link: 'usr/lib' },
    ...inDirectory('/usr/bin', coreutils),
    '/usr/bin/[': program('['),
    '/usr/bin/sh': program('sh'),
    '/usr/bin/apt': program('apt'),
    '/usr/bin/apt-get': program('apt-get'),
    '/usr/bin/dpkg': program('dpkg'),
    '/usr/sbin': emptyDirectory,
    ...inDirectory('/usr/sbin', 'addgroup adduser groupadd useradd usermod'),
    '/usr/lib': emptyDirectory,
    '/lib64/ld-linux-x86-64.so.2': '\x7fELF',
    '/etc/bash.bashrc': debianBashrc,
    '/root/.bashrc': '',
    '/etc/debian_version': `${number}.0\n`,
    '/etc/os-release': [
      `PRETTY_NAME="Debian GNU/Linux ${number} (${codename})"`,
      'NAME="Debian GNU/Linux"',
      `VERSION_ID="${number}"`,
      `VERSION="${number} (${codename})"`,
      `VERSION_CODENAME=${codename}`,
      'ID=debian',
      '',
    ].join('\n'),
  };
}

/** Ubuntu. */
export function ubuntu(version: string): RootEntries {
  return {
    ...debian('trixie'),
    '/etc/bash.bashrc': debianBashrc,
    '/root/.bashrc': '',
    '/etc/debian_version': 'trixie/sid\n',
    '/etc/os-release': [
      `PRETTY_NAME="Ubuntu ${version} LTS"`,
      'NAME="Ubuntu"',
      `VERSION_ID="${version}"`,
      'ID=ubuntu',
      'ID_LIKE=debian',
      '',
    ].join('\n'),
  };
}

/** What buildpack-deps adds to Debian: the languages' images are built on it, but for their slim variants. */
export const buildpackTools: RootEntries = {
  '/usr/bin/curl': program('curl', '7.88.1'),
  '/usr/bin/gcc': program('gcc', '12.2.0'),
  '/usr/bin/git': program('git', '2.39.5'),
  '/usr/bin/make': program('make', '4.3'),
  '/usr/bin/wget': program('wget', '1.21.3'),
};

/** Base layers, shared by every image that names the same one. */
export const baseSizes = {
  scratch: 0,
  busybox: 2_155_000,
  alpine: 3_800_000,
  debian: 29_780_000,
  ubuntu: 29_720_000,
} as const;

/** Whether an image variant is built on Alpine. */
export function onAlpine(variant: string): boolean {
  return variant.includes('alpine');
}
