import { gunzipSync, gzipSync, unzipSync } from 'fflate';
import type { Program } from '../../process/index.ts';
import { FsError, parentPath, readAll } from '../../world/index.ts';

/** gzip, gunzip, zcat, unzip. */

function gzip(name: string): Program {
  return async (process) => {
    const flags = process.argv.slice(1).filter((arg) => /^-./.test(arg)).join('');
    const files = process.argv.slice(1).filter((arg) => !/^-./.test(arg));
    const decompress = name !== 'gzip' || flags.includes('d');
    const toOutput = name === 'zcat' || flags.includes('c');
    const keep = flags.includes('k') || toOutput;
    const { fs } = process.machine;
    let status = 0;
    const fail = async (text: string) => {
      await process.printError(`${name}: ${text}\n`);
      status = 1;
    };
    const convert = (data: Uint8Array) => (decompress ? gunzipSync(data) : gzipSync(data, { mtime: 0 }));
    if (files.length === 0 || files[0] === '-') {
      const input = await readAll(process.stdin, process.cancel);
      try {
        await process.stdout.write(convert(input), process.cancel);
      } catch {
        await fail('stdin: not in gzip format');
      }
      return status;
    }
    for (const file of files) {
      const path = process.path(file);
      try {
        if (fs.stat(path).type === 'directory') {
          await fail(`${file} is a directory -- ignored`);
          continue;
        }
        if (decompress && !/\.(gz|tgz)$/.test(path) && !toOutput) {
          await fail(`${file}: unknown suffix -- ignored`);
          continue;
        }
        const data = convert(fs.readFile(path));
        if (toOutput) await process.stdout.write(data, process.cancel);
        else {
          fs.writeFile(decompress ? path.replace(/\.tgz$/, '.tar').replace(/\.gz$/, '') : `${path}.gz`, data);
          if (!keep) fs.remove(path);
        }
      } catch (error) {
        await fail(error instanceof FsError ? `${file}: ${error.message}` : `${file}: not in gzip format`);
      }
    }
    return status;
  };
} // prettier-ignore

const unzip: Program = async (process) => {
  const argv = process.argv.slice(1);
  const at = argv.indexOf('-d');
  const target = process.path(at >= 0 ? (argv[at + 1] ?? '.') : '.');
  const [file] = argv.filter((arg, i) => !arg.startsWith('-') && (at < 0 || i !== at + 1));
  const quiet = argv.some((arg) => /^-\w*q/.test(arg));
  if (file === undefined) {
    await process.print('UnZip 6.00 of 20 April 2009, by Debian. Original by Info-ZIP.\n\nUsage: unzip [-Z] [-opts[modifiers]] file[.zip] [list] [-x xlist] [-d exdir]\n');
    return 0;
  }
  const { fs } = process.machine;
  const path = [process.path(file), process.path(`${file}.zip`)].find((each) => fs.exists(each));
  if (path === undefined) {
    await process.printError(`unzip:  cannot find or open ${file}, ${file}.zip or ${file}.ZIP.\n`);
    return 9;
  }
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(fs.readFile(path));
  } catch {
    await process.printError(`  End-of-central-directory signature not found.  Either this file is not\n  a zipfile, or it constitutes one disk of a multi-part archive.\nunzip:  cannot find zipfile directory in one of ${file} or\n        ${file}.zip, and cannot find ${file}.ZIP, period.\n`);
    return 9;
  }
  if (!quiet) await process.print(`Archive:  ${file}\n`);
  for (const name of Object.keys(entries).sort()) {
    const place = `${target === '/' ? '' : target}/${name}`.replace(/\/$/, '');
    if (name.endsWith('/')) fs.mkdir(place, { recursive: true });
    else {
      if (!fs.exists(parentPath(place))) fs.mkdir(parentPath(place), { recursive: true });
      fs.writeFile(place, entries[name]!);
    }
    if (!quiet) await process.print(name.endsWith('/') ? `   creating: ${name}\n` : `  inflating: ${name}\n`);
  }
  return 0;
}; // prettier-ignore

export const archiveTools: ReadonlyMap<string, Program> = new Map([['gzip', gzip('gzip')], ['gunzip', gzip('gunzip')], ['zcat', gzip('zcat')], ['unzip', unzip]]); // prettier-ignore
