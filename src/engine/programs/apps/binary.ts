import type { Process, Program } from '../../process/index.ts';
import { lessonApps } from './registry.ts';

/** Executables that `go build` makes of the lessons' programs: they carry which one it is and what was changed in it. */

const magic = '\x7fELF\x02\x01\x01\0lesson-app\0';

/** Bytes of a program with a web server in it. */
const size = 6_437_000;

/** @param interpreter the dynamic linker that it needs; undefined for one that is whole by itself */
export function binaryOf(
  app: string,
  values: ReadonlyMap<string, string>,
  interpreter: string | undefined,
): Uint8Array {
  const text = `${magic}${interpreter === undefined ? '' : `interp:${interpreter}`}\0${JSON.stringify([app, [...values]])}\0`;
  const bytes = new Uint8Array(size);
  bytes.set(new TextEncoder().encode(text));
  return bytes;
}

function contentOf(process: Process): { app: string; values: Map<string, string> } | undefined {
  const { fs } = process.machine;
  const name = process.argv[0] ?? '';
  const paths = name.includes('/')
    ? [process.path(name)]
    : (process.env.get('PATH') ?? '').split(':').map((d) => `${d}/${name}`);
  for (const path of paths) {
    const node = fs.lookup(path);
    if (node?.type !== 'file' || node.program !== 'lesson-app') continue;
    const [, , json = '[]'] = new TextDecoder().decode(node.data.subarray(magic.length - 1, 4096)).split('\0');
    const [app = '', values = []] = JSON.parse(json) as [string?, [string, string][]?];
    return { app, values: new Map(values) };
  }
  return undefined;
}

/** Runs such an executable. */
export const lessonApp: Program = async (process) => {
  const content = contentOf(process);
  const app = lessonApps.find((a) => a.name === content?.app);
  if (!content || !app) {
    await process.printError('slipway: this program is not simulated\n');
    return 1;
  }
  process.memory.set(app.memory << 20);
  return app.run(process, content.values);
};
