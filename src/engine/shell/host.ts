import { root, type User } from '../process/index.ts';
import type { FileSystem } from '../world/index.ts';

/** The files of a learner's host: a small Ubuntu. */
export interface HostFilesOptions {
  hostname: string;
  /** Programs to install, by name: text tools, `kubectl`, … Those of `localPrograms` go to /usr/local/bin. */
  programs: Iterable<string>;
  localPrograms?: Iterable<string>;
  /** Who logs in; root is there anyway. */
  users: readonly User[];
  cpus?: number;
  memoryKib?: number;
  /** More lines of /etc/hosts. */
  hosts?: readonly string[];
}

/** Fills `fs` with what a Debian-like root file system has and programs look at. */
export function createHostFiles(fs: FileSystem, options: HostFilesOptions): void {
  directories(fs);
  installPrograms(fs, '/usr/bin', options.programs);
  installPrograms(fs, '/usr/local/bin', options.localPrograms ?? []);
  configuration(fs, options);
  devices(fs);
  processFiles(fs, options);
  for (const user of options.users) home(fs, user);
  fs.writeFile('/root/.bashrc', bashrc);
}

/** Makes executable files for programs. `sh` gets Debian's dash, as /bin/sh is there. */
export function installPrograms(fs: FileSystem, directory: string, names: Iterable<string>): void {
  fs.mkdir(directory, { recursive: true });
  for (const name of names) fs.writeFile(`${directory}/${name}`, '', { mode: 0o755, program: name });
}

function directories(fs: FileSystem): void {
  for (const path of [
    '/usr/bin',
    '/usr/sbin',
    '/usr/lib',
    '/usr/share',
    '/usr/local/bin',
    '/usr/local/sbin',
    '/etc',
    '/home',
    '/var/log',
    '/var/lib',
    '/run',
    '/mnt',
    '/media',
    '/opt',
    '/srv',
    '/dev/shm',
    '/proc',
    '/sys',
  ])
    fs.mkdir(path, { recursive: true });
  fs.mkdir('/root', { recursive: true, mode: 0o700 });
  for (const path of ['/tmp', '/var/tmp', '/dev/shm']) {
    fs.mkdir(path, { recursive: true });
    fs.setAttributes(path, { mode: 0o1777 });
  }
  for (const name of ['bin', 'sbin', 'lib']) if (!fs.exists(`/${name}`)) fs.symlink(`usr/${name}`, `/${name}`);
  if (!fs.exists('/var/run')) fs.symlink('/run', '/var/run');
}

function configuration(fs: FileSystem, { hostname, users, hosts = [] }: HostFilesOptions): void {
  const accounts = [root, ...users.filter((u) => u.uid !== 0)];
  fs.writeFile(
    '/etc/passwd',
    accounts.map((u) => `${u.name}:x:${u.uid}:${u.gid}:${u.name}:${u.home}:/bin/bash\n`).join(''),
  );
  fs.writeFile('/etc/group', accounts.map((u) => `${u.name}:x:${u.gid}:\n`).join(''));
  fs.writeFile('/etc/hostname', `${hostname}\n`);
  fs.writeFile(
    '/etc/hosts',
    ['127.0.0.1 localhost', `127.0.1.1 ${hostname}`, '', '::1 ip6-localhost ip6-loopback', ...hosts].join('\n') + '\n',
  );
  fs.writeFile('/etc/resolv.conf', 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n');
  fs.writeFile('/etc/shells', '/bin/sh\n/bin/bash\n/usr/bin/bash\n');
  fs.writeFile('/etc/timezone', 'Etc/UTC\n');
  fs.writeFile('/etc/debian_version', 'trixie/sid\n');
  fs.writeFile(
    '/etc/os-release',
    [
      'PRETTY_NAME="Ubuntu 24.04.1 LTS"',
      'NAME="Ubuntu"',
      'VERSION_ID="24.04"',
      'VERSION="24.04.1 LTS (Noble Numbat)"',
      'VERSION_CODENAME=noble',
      'ID=ubuntu',
      'ID_LIKE=debian',
    ].join('\n') + '\n',
  );
  fs.writeFile('/etc/profile', 'umask 022\n');
}

function devices(fs: FileSystem): void {
  for (const [name, device] of [
    ['null', 'null'],
    ['zero', 'zero'],
    ['full', 'full'],
    ['random', 'random'],
    ['urandom', 'random'],
    ['tty', 'tty'],
    ['stdin', 'stdin'],
    ['stdout', 'stdout'],
    ['stderr', 'stderr'],
  ] as const)
    fs.makeDevice(`/dev/${name}`, device);
}

function processFiles(fs: FileSystem, { cpus = 4, memoryKib = 8_388_608 }: HostFilesOptions): void {
  const free = Math.floor(memoryKib * 0.62);
  const cached = Math.floor(memoryKib * 0.17);
  const fields = {
    MemTotal: memoryKib,
    MemFree: free,
    MemAvailable: free + cached,
    Buffers: 131_072,
    Cached: cached,
    SwapTotal: 0,
    SwapFree: 0,
  };
  fs.writeFile(
    '/proc/meminfo',
    Object.entries(fields)
      .map(([name, n]) => `${`${name}:`.padEnd(16)}${String(n).padStart(8)} kB\n`)
      .join(''),
  );
  const cpu = (i: number) =>
    `processor\t: ${i}\nvendor_id\t: GenuineIntel\nmodel name\t: Simulated CPU @ 2.40GHz\ncpu MHz\t\t: 2400.000\n\n`;
  fs.writeFile('/proc/cpuinfo', Array.from({ length: cpus }, (_, i) => cpu(i)).join(''));
  fs.writeFile('/proc/version', 'Linux version 6.8.0-51-generic (buildd@lcy02) #52-Ubuntu SMP PREEMPT_DYNAMIC\n');
  fs.writeFile('/proc/loadavg', '0.00 0.00 0.00 1/100 1\n');
}

function home(fs: FileSystem, { uid, gid, home: path }: User): void {
  fs.mkdir(path, { recursive: true });
  fs.setAttributes(path, { uid, gid, mode: 0o750 });
  fs.writeFile(`${path}/.bashrc`, bashrc, { uid, gid });
  fs.writeFile(
    `${path}/.profile`,
    'if [ -n "$BASH_VERSION" ] && [ -f "$HOME/.bashrc" ]; then . "$HOME/.bashrc"; fi\n',
    { uid, gid },
  );
}

const bashrc = `case $- in *i*) ;; *) return ;; esac
HISTCONTROL=ignoreboth
shopt -s histappend checkwinsize
PS1='\\[\\e]0;\\u@\\h: \\w\\a\\]\\[\\e[01;32m\\]\\u@\\h\\[\\e[00m\\]:\\[\\e[01;34m\\]\\w\\[\\e[00m\\]\\$ '
alias ls='ls --color=auto'
alias grep='grep --color=auto'
alias ll='ls -alF'
alias la='ls -A'
alias k=kubectl
`;
