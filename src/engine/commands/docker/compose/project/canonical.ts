import { isPlainString } from '../../../../yaml/index.ts';
import type { Project, Resource, Service } from './types.ts';

/** `docker compose config`: the whole project in its canonical form. */
export function canonicalYaml(project: Project): string {
  return yaml(canonical(project));
}

export function canonical(project: Project): Record<string, unknown> {
  const tree: Record<string, unknown> = { name: project.name };
  tree.services = Object.fromEntries(Object.values(project.services).map((service) => [service.name, serviceTree(service)]));
  for (const kind of ['networks', 'volumes', 'secrets', 'configs'] as const) {
    const used = Object.entries(project[kind]).map(([key, resource]) => [key, resourceTree(resource)] as const);
    if (used.length > 0) tree[kind] = Object.fromEntries(used);
  }
  return tree;
} // prettier-ignore

const sorted = (tree: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))); // prettier-ignore

function serviceTree({ name: _, ...service }: Service): Record<string, unknown> {
  const tree: Record<string, unknown> = { ...service };
  if (service.environment) tree.environment = sorted(service.environment);
  if (service.labels) tree.labels = sorted(service.labels);
  if (service.healthcheck) {
    const { test, timeout, interval, retries, start_period, start_interval, disable } = service.healthcheck;
    const known = { test, timeout, interval, retries, start_period, start_interval, disable };
    tree.healthcheck = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  }
  if (service.depends_on)
    tree.depends_on = sorted(
      Object.fromEntries(
        Object.entries(service.depends_on).map(([key, { condition, restart, required }]) => [
          key,
          { condition, ...(restart ? { restart } : {}), required },
        ]),
      ),
    );
  if (service.build) {
    const { context, dockerfile, dockerfile_inline, args, ...rest } = service.build;
    tree.build = {
      context,
      ...(dockerfile === '' ? {} : { dockerfile }),
      ...(dockerfile_inline === undefined ? {} : { dockerfile_inline }),
      ...(args ? { args: sorted(args) } : {}),
      ...rest,
    };
  }
  if (service.deploy) tree.deploy = { ...service.deploy, resources: service.deploy.resources ?? {}, placement: service.deploy.placement ?? {} };
  return sorted(tree);
} // prettier-ignore

function resourceTree({ name, ...rest }: Resource): Record<string, unknown> {
  return { name, ...rest };
}

/** YAML with lists indented below their keys. */
export function yaml(value: unknown, indent = 0): string {
  const pad = ' '.repeat(indent);
  if (Array.isArray(value))
    return value
      .map((item) => {
        if (!isNode(item)) return `${pad}- ${scalar(item, indent + 2)}\n`;
        return `${pad}- ${yaml(item, indent + 2).slice(indent + 2)}`;
      })
      .join('');
  return Object.entries(value as Record<string, unknown>)
    .map(([key, item]) => {
      const name = `${pad}${scalar(key, 0)}:`;
      if (!isNode(item)) return `${name} ${scalar(item, indent + 2)}\n`;
      return `${name}\n${yaml(item, indent + 2)}`;
    })
    .join('');
}

const isNode = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && (Array.isArray(value) ? value : Object.keys(value)).length > 0;

function scalar(value: unknown, indent: number): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'object') return Array.isArray(value) ? '[]' : '{}';
  if (typeof value !== 'string') return String(value);
  if (value.includes('\n')) {
    const chomp = value.endsWith('\n') ? '' : '-';
    const body = value.replace(/\n$/, '').split('\n');
    return `|${chomp}\n${body.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n')}`;
  }
  if (value === '') return '""';
  if (!isPlainString(value)) return JSON.stringify(value);
  const plain =
    /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|[-?:](?=\S))/.test(value) &&
    !/: |:$| #|^\s|\s$|[^\x20-\x7e\u00a0-\uffff]/.test(value);
  if (plain) return value;
  return /[^\x20-\x7e\u00a0-\uffff]/.test(value) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
}
