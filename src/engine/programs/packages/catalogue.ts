/** Packages of Linux distributions: what people install in images, with sizes near the real ones. */
export interface PackageFamily {
  /** Names where they differ from the key. */
  apt?: string;
  apk?: string;
  yum?: string;
  versions: { debian: string; alpine: string; rpm: string };
  /** kB: of the archive and on disk. */
  size: number;
  installed: number;
  /** Libraries that come along, `name:kB installed`. */
  libraries?: readonly string[];
  /** Commands by path; `path=program` where the names differ. */
  commands: readonly string[];
  about: string;
}

const family = (about: string, debian: string, alpine: string, rpm: string, size: number, installed: number, commands: string, more: Partial<PackageFamily> = {}): PackageFamily => ({
  about, versions: { debian, alpine, rpm }, size, installed, commands: commands.split(' ').filter(Boolean), ...more,
}); // prettier-ignore

/** By the name that most distributions use. */
export const catalogue: Readonly<Record<string, PackageFamily>> = {
  bash: family('GNU Bourne Again SHell', '5.2.15-2+b8', '5.2.37-r0', '5.1.8-9.el9', 1491, 7164, '/bin/bash'),
  'bash-completion': family('programmable completion for bash', '2.11-6', '2.16.0-r0', '2.11-5.el9', 234, 1463, ''),
  'build-essential': family('tools for building software', '12.9', '0.5-r3', '12.9', 7, 20, '/usr/bin/gcc /usr/bin/g++ /usr/bin/make', { apk: 'build-base', libraries: ['gcc:150000', 'g++:45000', 'make:1600', 'libc6-dev:11500'] }),
  'ca-certificates': family('Common CA certificates', '20230311', '20250619-r0', '2024.2.69-90.el9', 153, 383, '/usr/sbin/update-ca-certificates', { libraries: ['openssl:1450'] }),
  curl: family('command line tool for transferring data', '7.88.1-10+deb12u14', '8.14.1-r1', '7.76.1-31.el9', 315, 501, '/usr/bin/curl', { libraries: ['libcurl4:830', 'libnghttp2-14:214', 'libssh2-1:422'] }),
  dnsutils: family('Clients provided with BIND 9', '1:9.18.33-1~deb12u2', '9.20.10-r0', '9.16.23-29.el9', 276, 713, '/usr/bin/dig /usr/bin/nslookup /usr/bin/host', { apk: 'bind-tools', yum: 'bind-utils', libraries: ['bind9-libs:3720', 'libuv1:310'] }),
  gcc: family('GNU C compiler', '4:12.2.0-3', '14.2.0-r6', '11.5.0-5.el9', 5, 38, '/usr/bin/gcc', { libraries: ['gcc-12:47000', 'libc6-dev:11500'] }),
  git: family('fast, scalable, distributed revision control system', '1:2.39.5-0+deb12u2', '2.49.1-r0', '2.47.3-1.el9', 7260, 46300, '/usr/bin/git', { libraries: ['git-man:2100', 'perl:670', 'libcurl3-gnutls:760'] }),
  gnupg: family('GNU privacy guard', '2.2.40-1.1+deb12u1', '2.4.7-r0', '2.3.3-4.el9', 846, 885, '/usr/bin/gpg', { libraries: ['dirmngr:1090', 'gpg-agent:1300'] }),
  htop: family('interactive processes viewer', '3.2.2-2', '3.4.1-r0', '3.3.0-1.el9', 152, 393, '/usr/bin/htop=top'),
  iproute2: family('networking and traffic control tools', '6.1.0-3', '6.14.0-r0', '6.11.0-1.el9', 1046, 3625, '/sbin/ip /bin/ss', { yum: 'iproute', libraries: ['libbpf1:390', 'libmnl0:35'] }),
  'iputils-ping': family('Tools to test the reachability of network hosts', '3:20221126-1+deb12u1', '20240905-r0', '20210202-11.el9', 47, 121, '/bin/ping', { apk: 'iputils', yum: 'iputils' }),
  iptables: family('administration tools for packet filtering and NAT', '1.8.9-2', '1.8.11-r1', '1.8.10-11.el9', 360, 2560, '/usr/sbin/iptables /usr/sbin/iptables-save', { libraries: ['libxtables12:70'] }),
  jq: family('lightweight and flexible command-line JSON processor', '1.6-2.1+deb12u1', '1.8.0-r0', '1.6-17.el9', 64, 109, '/usr/bin/jq', { libraries: ['libjq1:380', 'libonig5:620'] }),
  less: family('pager program similar to more', '590-2.1~deb12u2', '668-r0', '590-5.el9', 132, 322, '/usr/bin/less'),
  'lsb-release': family('Linux Standard Base version reporting utility', '12.0-1', '1.4-r24', '4.1-1', 6, 16, ''),
  make: family('utility for directing compilation', '4.3-4.1', '4.4.1-r3', '4.3-8.el9', 396, 1624, '/usr/bin/make'),
  nano: family('small, friendly text editor', '7.2-1+deb12u1', '8.4-r0', '5.6.1-7.el9', 690, 2843, '/bin/nano'),
  netcat: family('TCP/IP swiss army knife', '1.219-1', '1.229-r0', '7.92-3.el9', 41, 112, '/bin/nc', { apt: 'netcat-openbsd', apk: 'netcat-openbsd', yum: 'nmap-ncat' }),
  'net-tools': family('NET-3 networking toolkit', '2.10-0.1+deb12u2', '2.10-r3', '2.0-0.64.el9', 243, 966, '/sbin/ifconfig /bin/netstat /sbin/route'),
  nginx: family('small, powerful, scalable web/proxy server', '1.22.1-9+deb12u3', '1.28.0-r3', '1.20.1-22.el9', 527, 1300, '/usr/sbin/nginx', { libraries: ['nginx-common:370', 'iproute2:3625'] }),
  openssl: family('Secure Sockets Layer toolkit', '3.0.17-1~deb12u3', '3.5.4-r0', '3.2.2-6.el9', 1434, 2290, '/usr/bin/openssl'),
  postgresql: family('front-end programs for PostgreSQL', '15+248', '17.6-r0', '13.22-1.el9', 10, 62, '/usr/bin/psql', { apt: 'postgresql-client', apk: 'postgresql-client', libraries: ['postgresql-client-15:8500', 'libpq5:900'] }),
  'default-mysql-client': family('MySQL database client binaries', '1.1.0', '10.11.14-r0', '10.5.27-1.el9', 3, 10, '/usr/bin/mysql', { apk: 'mysql-client', yum: 'mysql', libraries: ['mariadb-client:50000'] }),
  procps: family('/proc file system utilities', '2:4.0.2-3', '4.0.4-r3', '3.3.17-14.el9', 709, 2389, '/bin/ps /usr/bin/top /usr/bin/free /usr/bin/pgrep /usr/bin/pkill /usr/bin/uptime /usr/bin/watch', { yum: 'procps-ng', libraries: ['libproc2-0:160', 'libncursesw6:412'] }),
  python3: family('interactive high-level object-oriented language', '3.11.2-1+b1', '3.12.12-r0', '3.9.23-2.el9', 26, 82, '/usr/bin/python3', { libraries: ['python3.11:583', 'libpython3.11-stdlib:9550', 'python3.11-minimal:5900'] }),
  'python3-pip': family('Python package installer', '23.0.1+dfsg-1', '25.1.1-r0', '21.3.1-1.el9', 1325, 6880, '/usr/bin/pip3', { apk: 'py3-pip' }),
  nodejs: family('evented I/O for V8 javascript', '18.20.4+dfsg-1~deb12u1', '22.16.0-r2', '16.20.2-8.el9', 320, 2060, '/usr/bin/node', { libraries: ['libnode108:35000'] }),
  npm: family('package manager for Node.js', '9.2.0~ds1-1', '11.3.0-r1', '8.19.4-1', 700, 2470, '/usr/bin/npm'),
  redis: family('Persistent key-value database (client and monitoring)', '5:7.0.15-1~deb12u5', '8.0.4-r0', '6.2.19-1.el9', 990, 5200, '/usr/bin/redis-cli', { apt: 'redis-tools' }),
  rsync: family('fast, versatile, remote file-copying tool', '3.2.7-1+deb12u2', '3.4.1-r1', '3.2.5-3.el9', 417, 761, '/usr/bin/rsync'),
  shadow: family('account utilities', '1:4.13+dfsg1-1', '4.17.3-r0', '4.9-12.el9', 930, 2900, '/usr/sbin/useradd /usr/sbin/groupadd', { apt: 'passwd', yum: 'shadow-utils' }),
  stress: family('tool to impose load on and stress test a computer system', '1.0.7-1', '1.0.7-r0', '1.0.4-28.el9', 18, 47, '/usr/bin/stress'),
  'stress-ng': family('tool to load and stress a computer', '0.15.06-2', '0.18.12-r0', '0.17.08-2.el9', 2040, 8930, '/usr/bin/stress-ng'),
  sudo: family('Provide limited super user privileges', '1.9.13p3-1+deb12u2', '1.9.17_p2-r0', '1.9.5p2-10.el9', 1889, 6200, '/usr/bin/sudo'),
  tcpdump: family('command-line network traffic analyzer', '4.99.3-1', '4.99.5-r1', '4.99.0-9.el9', 466, 1310, '/usr/bin/tcpdump', { libraries: ['libpcap0.8:385'] }),
  telnet: family('transitional dummy package', '0.17+2.4-2+deb12u2', '1.37.0-r18', '0.17-85.el9', 37, 38, '/usr/bin/telnet', { apk: 'busybox-extras' }),
  tini: family('tiny but valid init for containers', '0.19.0-1', '0.19.0-r3', '0.19.0-1', 209, 700, '/sbin/tini=docker-init'),
  tree: family('displays an indented directory tree', '2.1.0-1', '2.2.1-r0', '1.8.0-10.el9', 52, 116, '/usr/bin/tree'),
  tzdata: family('time zone and daylight-saving time data', '2025b-0+deb12u2', '2025b-r0', '2025b-1.el9', 299, 3220, ''),
  unzip: family('De-archiver for .zip files', '6.0-28', '6.0-r15', '6.0-58.el9', 166, 392, '/usr/bin/unzip'),
  vim: family('Vi IMproved - enhanced vi editor', '2:9.0.1378-2+deb12u2', '9.1.1415-r0', '8.2.2637-22.el9', 1567, 3738, '/usr/bin/vim /usr/bin/vi', { yum: 'vim-enhanced', libraries: ['vim-runtime:33800', 'libgpm2:62'] }),
  wget: family('retrieves files from the web', '1.21.3-1+deb12u1', '1.25.0-r1', '1.21.1-8.el9', 937, 3651, '/usr/bin/wget', { libraries: ['libpsl5:86', 'publicsuffix:345'] }),
  'xz-utils': family('XZ-format compression utilities', '5.4.1-1', '5.8.1-r0', '5.2.5-8.el9', 471, 1213, '', { apk: 'xz', yum: 'xz' }),
}; // prettier-ignore

export type Manager = 'apt' | 'apk' | 'yum';

export interface Package {
  name: string;
  version: string;
  size: number;
  installed: number;
  commands: readonly string[];
  about: string;
}

/** The packages that a name stands for: those that it needs first; undefined if there is none of that name. */
export function findPackages(manager: Manager, name: string): Package[] | undefined {
  const entry = Object.entries(catalogue).find(([key, { [manager]: own }]) => (own ?? key) === name || (key === name && manager === 'apt' && own !== undefined));
  if (!entry) return undefined;
  const [key, found] = entry;
  const version = manager === 'apt' ? found.versions.debian : manager === 'apk' ? found.versions.alpine : found.versions.rpm;
  const libraries = (found.libraries ?? []).map((text): Package => {
    const [library = '', kilobytes = '0'] = text.split(':');
    return { name: library, version, size: Math.ceil(Number(kilobytes) / 3), installed: Number(kilobytes), commands: [], about: 'library' };
  });
  return [...libraries, { name: found[manager] ?? key, version, size: found.size, installed: found.installed, commands: found.commands, about: found.about }];
} // prettier-ignore
