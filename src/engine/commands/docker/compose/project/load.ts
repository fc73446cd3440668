import type { Process } from '../../../../process/index.ts';
import { FsError, parentPath, baseName, resolvePath } from '../../../../world/index.ts';
import { loadYamlCore, YamlError } from '../../../../yaml/index.ts';
import { CliError } from '../../framework/errors.ts';
import { interpolate, parseEnvFile } from './interpolate.ts';
import { merge } from './merge.ts';
import { mapping, normalizeService } from './normalize.ts';
import { isTree, validate, type Tree } from './schema.ts';
import type { Project, Resource, Service } from './types.ts';

const names = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];

export interface LoadOptions {
  files: readonly string[];
  projectName: string;
  projectDirectory: string;
  envFiles: readonly string[];
  profiles: readonly string[];
  /** What `-f -` reads. */
  input?: string;
}

/** The files that a project is made of. @throws CliError */
function findFiles(process: Process, given: readonly string[]): string[] {
  const { fs } = process.machine;
  const chosen = given.length > 0 ? given : (process.env.get('COMPOSE_FILE') ?? '').split(':').filter(Boolean);
  if (chosen.length > 0) return chosen.map((file) => (file === '-' ? file : process.path(file)));
  for (let at = process.cwd; ; at = parentPath(at)) {
    const found = names.map((name) => resolvePath(at, name)).filter((path) => fs.exists(path));
    if (found.length > 0) {
      const override = ['yaml', 'yml']
        .flatMap((end) => [`compose.override.${end}`, `docker-compose.override.${end}`])
        .map((name) => resolvePath(at, name))
        .find((path) => fs.exists(path));
      return override === undefined ? [found[0]!] : [found[0]!, override];
    }
    if (at === '/') throw new CliError('no configuration file provided: not found');
  }
}

/** `~/My App` → `myapp`. */
function normalName(name: string): string {
  return name.toLowerCase().replace(/[^-_a-z0-9]/g, '').replace(/^[-_]+/, '');
} // prettier-ignore

/** Reads, merges and checks a project's files. @throws CliError in Compose's words */
export function loadProject(process: Process, options: LoadOptions): Project {
  const { fs } = process.machine;
  const files = findFiles(process, options.files);
  const directory = options.projectDirectory === '' ? (files[0] === '-' ? process.cwd : parentPath(files[0]!)) : process.path(options.projectDirectory);
  const env = new Map<string, string>();
  const envFiles = options.envFiles.length > 0 ? options.envFiles.map((file) => process.path(file)) : [resolvePath(directory, '.env')];
  for (const file of envFiles) {
    if (fs.exists(file)) for (const [key, value] of parseEnvFile(fs.readText(file), process.env)) env.set(key, value);
    else if (options.envFiles.length > 0) throw new CliError(`couldn't find env file: ${file}`);
  }
  for (const [key, value] of process.env) env.set(key, value);
  const loader = new Loader(process, env, directory, options.input ?? '');
  let tree: Tree = {};
  for (const file of files) tree = merge(tree, loader.read(file)) as Tree;
  const given = options.projectName || env.get('COMPOSE_PROJECT_NAME') || '';
  if (given !== '' && given !== normalName(given))
    throw new CliError(`invalid project name ${JSON.stringify(given)}: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`);
  const own = typeof tree.name === 'string' ? tree.name : '';
  const name = given || normalName(own) || normalName(baseName(directory));
  if (name === '') throw new CliError('project name must not be empty');
  const profiles = new Set([...options.profiles, ...(env.get('COMPOSE_PROFILES') ?? '').split(',').filter(Boolean)]);
  return loader.project(tree, name, files, profiles);
} // prettier-ignore

class Loader {
  readonly #process: Process;
  readonly #env: ReadonlyMap<string, string>;
  readonly #directory: string;
  readonly #warnings: string[] = [];

  readonly #input: string;

  constructor(process: Process, env: ReadonlyMap<string, string>, directory: string, input: string) {
    this.#input = input;
    this.#process = process;
    this.#env = env;
    this.#directory = directory;
  }

  #warn(message: string): void {
    if (!this.#warnings.includes(message)) this.#warnings.push(message);
  }

  /** One file with its variables put in, checked, `extends` resolved. */
  read(file: string): Tree {
    const { fs } = this.#process.machine;
    let text: string;
    try {
      text = file === '-' ? this.#input : fs.readText(file);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      throw new CliError(`open ${file}: ${error.message.toLowerCase()}`);
    }
    let value: unknown;
    try {
      value = loadYamlCore(text);
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      throw new CliError(error.message);
    }
    if (value === undefined || value === null) throw new CliError('empty compose file');
    if (!isTree(value)) throw new CliError('top-level object must be a mapping');
    const tree = this.#interpolated(value, '') as Tree;
    if ('version' in tree) {
      this.#warn(`${file}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`);
      delete tree.version;
    }
    validate(file, tree);
    const services = isTree(tree.services) ? tree.services : {};
    for (const name of Object.keys(services)) services[name] = this.#extended(name, services, file, []);
    for (const service of Object.values(services)) if (isTree(service)) this.#envFiles(service);
    return tree;
  } // prettier-ignore

  #interpolated(value: unknown, path: string): unknown {
    if (typeof value === 'string') {
      if (!value.includes('$')) return value;
      const out = interpolate(value, path, this.#env, (name) =>
        this.#warn(`The ${JSON.stringify(name)} variable is not set. Defaulting to a blank string.`),
      );
      return /\.(replicas|scale|retries|target|cpus|stdin_open|tty|privileged|read_only|init|external|disable)$/.test(path) ? scalar(out) : out;
    }
    if (Array.isArray(value)) return value.map((item, i) => this.#interpolated(item, `${path}.${i}`.replace(/^\./, '')));
    if (isTree(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#interpolated(item, path === '' ? key : `${path}.${key}`)]));
    return value;
  } // prettier-ignore

  #extended(name: string, services: Tree, file: string, above: readonly string[]): unknown {
    const service = services[name];
    if (!isTree(service) || service.extends === undefined) return service;
    const { extends: spec, ...own } = service;
    const from = isTree(spec) ? spec : { service: spec };
    const other = String(from.service ?? '');
    const where = typeof from.file === 'string' ? resolvePath(parentPath(file), from.file) : file;
    const key = `${where} ${other}`;
    if (above.includes(key)) throw new CliError(`Circular reference:\n  ${name} in ${file}\n  extends ${other} in ${where}`);
    const all = where === file ? services : (this.read(where).services as Tree);
    if (!isTree(all[other])) throw new CliError(`cannot extend service ${JSON.stringify(name)} in ${file}: service ${JSON.stringify(other)} not found in ${where}`);
    const base = this.#extended(other, all, where, [...above, key]) as Tree;
    const { depends_on: _, ...inherited } = base;
    return merge(inherited, own, 'service', 1);
  } // prettier-ignore

  #envFiles(service: Tree): void {
    const list = service.env_file;
    if (list === undefined || list === null) return;
    const { fs } = this.#process.machine;
    const values: Record<string, string | null> = {};
    for (const item of Array.isArray(list) ? list : [list]) {
      const path = resolvePath(this.#directory, isTree(item) ? String(item.path) : String(item));
      const required = !isTree(item) || item.required !== false;
      if (!fs.exists(path)) {
        if (required) throw new CliError(`env file ${path} not found: stat ${path}: no such file or directory`);
        continue;
      }
      for (const [key, value] of parseEnvFile(fs.readText(path), this.#env)) values[key] = value;
    }
    service.environment = { ...values, ...mapping(service.environment) };
  }

  project(tree: Tree, name: string, files: string[], profiles: ReadonlySet<string>): Project {
    const home = this.#process.env.get('HOME') ?? '/root';
    const all: Record<string, Service> = {};
    for (const [key, value] of Object.entries((tree.services ?? {}) as Tree)) {
      const service = normalizeService(key, value as Tree, this.#directory, home);
      for (const [variable, given] of Object.entries(service.environment ?? {}))
        if (given === null) service.environment![variable] = this.#env.get(variable) ?? null;
      all[key] = service;
    }
    const on = (service: Service) => (service.profiles ?? []).length === 0 || profiles.has('*') || service.profiles!.some((profile) => profiles.has(profile));
    const entries = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
    const project: Project = {
      name,
      workingDirectory: this.#directory,
      files,
      services: Object.fromEntries(entries.filter(([, service]) => on(service))),
      disabled: Object.fromEntries(entries.filter(([, service]) => !on(service))),
      networks: this.#resources(tree.networks, name),
      volumes: this.#resources(tree.volumes, name),
      secrets: this.#resources(tree.secrets, name),
      configs: this.#resources(tree.configs, name),
      warnings: this.#warnings,
    };
    finishProject(project);
    return project;
  } // prettier-ignore

  #resources(value: unknown, project: string): Record<string, Resource> {
    const found: Record<string, Resource> = {};
    for (const key of Object.keys((value ?? {}) as Tree).sort()) {
      const own = ((value as Tree)[key] ?? {}) as Partial<Resource>;
      const external = isTree(own.external) ? true : own.external === true;
      found[key] = { ...own, name: own.name ?? (external ? key : `${project}_${key}`), ...(external ? { external: true } : {}) };
      if (typeof own.file === 'string') found[key].file = resolvePath(this.#directory, own.file);
    }
    return found;
  } // prettier-ignore
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Checks what refers to what; gives services the default network. @throws CliError */
function finishProject(project: Project): void {
  const invalid = (message: string) => new CliError(`${message}: invalid compose project`);
  const { services, networks, volumes } = project;
  let needsDefault = false;
  for (const service of Object.values(services)) {
    const quoted = JSON.stringify(service.name);
    if (!service.image && !service.build) throw invalid(`service ${quoted} has neither an image nor a build context specified`);
    if (service.network_mode && service.networks) throw invalid(`service ${service.name} declares mutually exclusive \`network_mode\` and \`networks\``);
    if (!service.network_mode) service.networks ??= { default: null };
    for (const name of Object.keys(service.networks ?? {})) {
      if (name === 'default') needsDefault = true;
      else if (!networks[name]) throw invalid(`service ${quoted} refers to undefined network ${name}`);
    }
    for (const [name, dependency] of Object.entries(service.depends_on ?? {})) {
      if (services[name]) continue;
      if (project.disabled[name]) {
        services[name] = project.disabled[name];
        delete project.disabled[name];
        continue;
      }
      if (dependency.required) throw invalid(`service ${quoted} depends on undefined service ${JSON.stringify(name)}`);
      delete service.depends_on![name];
    }
    for (const mount of service.volumes ?? [])
      if (mount.type === 'volume' && mount.source && !volumes[mount.source]) throw invalid(`service ${quoted} refers to undefined volume ${mount.source}`);
    for (const kind of ['secrets', 'configs'] as const)
      for (const { source } of service[kind] ?? [])
        if (!project[kind][source]) throw invalid(`service ${quoted} refers to undefined ${kind.slice(0, -1)} ${source}`);
  }
  if (needsDefault) networks.default = { ...networks.default, name: networks.default?.name ?? `${project.name}_default` };
  project.networks = Object.fromEntries(Object.entries(networks).sort(([a], [b]) => (a < b ? -1 : 1)));
  order(project);
} // prettier-ignore

/** Services, each after those that it depends on. @throws CliError for a circle */
export function order(project: Project, chosen: readonly string[] = Object.keys(project.services)): Service[] {
  const done: Service[] = [];
  const visit = (name: string, above: readonly string[]): void => {
    const service = project.services[name];
    if (!service || done.includes(service)) return;
    if (above.includes(name)) throw new CliError(`dependency cycle detected: ${[...above.slice(above.indexOf(name)), name].join(' -> ')}`);
    for (const dependency of Object.keys(service.depends_on ?? {}).sort()) visit(dependency, [...above, name]);
    done.push(service);
  };
  for (const name of [...chosen].sort()) visit(name, []);
  return done;
} // prettier-ignore
