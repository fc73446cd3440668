import { hasCapability, type Program } from '../../process/index.ts';

/** sysctl: the kernel's network settings. */
export const sysctl: Program = async (process) => {
  const { net } = process.machine;
  const args = process.argv.slice(1);
  const quiet = args.some((a) => /^-[a-z]*[nq]/.test(a));
  const names = args.filter((a) => !a.startsWith('-'));
  if (args.includes('-a')) {
    for (const [name, value] of [...net.sysctls].sort()) await process.print(`${name} = ${value}\n`);
    return 0;
  }
  if (args.includes('-p') || args.includes('--system')) {
    const file = names[0] ?? '/etc/sysctl.conf';
    const { fs } = process.machine;
    if (!fs.exists(file)) {
      await process.printError(`sysctl: cannot open "${file}": No such file or directory\n`);
      return 255;
    }
    names.splice(0, names.length, ...fs.readText(file).split('\n').map((l) => l.replace(/[#;].*/, '').replace(/\s*=\s*/, '=').trim()).filter(Boolean)); // prettier-ignore
  }
  let status = 0;
  for (const text of names) {
    const [name = '', value] = text.split(/=(.*)/s);
    const key = name.trim().replaceAll('/', '.');
    const old = net.sysctls.get(key);
    if (old === undefined) {
      await process.printError(
        `sysctl: cannot stat /proc/sys/${key.replaceAll('.', '/')}: No such file or directory\n`,
      );
      status = 255;
    } else if (value === undefined) await process.print(quiet ? `${old}\n` : `${key} = ${old}\n`);
    else if (!hasCapability(process.user, 'NET_ADMIN')) {
      await process.printError(`sysctl: permission denied on key "${key}"\n`);
      status = 255;
    } else {
      net.setSysctl(key, value.trim());
      if (!quiet) await process.print(`${key} = ${value.trim()}\n`);
    }
  }
  return status;
};
