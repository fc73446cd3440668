import { DockerfileError, type LineRange } from './dockerfile/error.ts';
import { didYouMean } from './dockerfile/suggest.ts';
import type { StagePlan } from './plan.ts';
import type { BaseImage } from './sources.ts';

/** `RUN --mount`. */
export interface RunMount {
  type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
  /** Undefined: the build context (of bind). */
  from: StagePlan | BaseImage | undefined;
  source: string;
  target: string;
  id: string;
  readOnly: boolean;
  required: boolean;
  /** Name of an environment variable that a secret is put into. */
  env: string;
}

const types = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'];
const keys = [
  'type', 'from', 'source', 'src', 'target', 'dst', 'destination', 'readonly', 'ro', 'readwrite', 'rw', 'id', 'sharing', 'required', 'mode', 'uid',
  'gid', 'size', 'env',
]; // prettier-ignore

/** @throws DockerfileError */
export function parseMount(
  text: string,
  range: LineRange,
  expand: (word: string) => string,
  from: (name: string) => StagePlan | BaseImage,
): RunMount {
  const fail = (message: string) => new DockerfileError(message, range);
  const mount: RunMount = { type: 'bind', from: undefined, source: '', target: '', id: '', readOnly: true, required: false, env: '' }; // prettier-ignore
  let fromName: string | undefined;
  let writable: boolean | undefined;
  for (const field of text.split(',')) {
    const at = field.indexOf('=');
    const key = (at < 0 ? field : field.slice(0, at)).toLowerCase();
    const value = at < 0 ? undefined : expand(field.slice(at + 1));
    const flag = value === undefined || value === 'true' || value === '1';
    if (!keys.includes(key)) {
      if (value === undefined) throw fail(`invalid field '${field}' must be a key=value pair`);
      throw fail(`unexpected key '${key}' in '${field}'${didYouMean(key, keys)}`);
    }
    if (['readonly', 'ro'].includes(key)) writable = !flag;
    else if (['readwrite', 'rw'].includes(key)) writable = flag;
    else if (key === 'required') mount.required = flag;
    else if (value === undefined) throw fail(`invalid field '${field}' must be a key=value pair`);
    else if (key === 'type') {
      if (!types.includes(value))
        throw fail(`unsupported mount type ${JSON.stringify(value)}${didYouMean(value, types)}`);
      mount.type = value as RunMount['type'];
    } else if (key === 'from') fromName = value;
    else if (key === 'source' || key === 'src') mount.source = value;
    else if (['target', 'dst', 'destination'].includes(key)) mount.target = value;
    else if (key === 'id') mount.id = value;
    else if (key === 'env') mount.env = value;
  }
  if (fromName !== undefined) mount.from = from(fromName);
  mount.readOnly = writable === undefined ? mount.type === 'bind' : !writable;
  if (mount.type === 'secret') {
    mount.id ||= mount.source || mount.target.slice(mount.target.lastIndexOf('/') + 1);
    if (mount.id === '') throw fail('one of source, target required');
    if (mount.target === '' && mount.env === '') mount.target = `/run/secrets/${mount.id}`;
  } else if (mount.type !== 'ssh' && mount.target === '') throw fail('target is required');
  return mount;
}
