import type { TopologyObject } from './objects.ts';

/** What a manifest asks for that is neither in the cluster nor in the manifest itself. */
export interface Finding {
  /** Which document of the file, from 0. */
  document: number;
  /** The field, as the API writes paths: `spec.selector`. */
  path: string;
  code: FindingCode;
  params: Record<string, string>;
}

/** The page has a text for each in every language (`cross_<code>`). */
export const findingCodes = [
  'selector_matches_nothing',
  'port_name_unknown',
  'port_not_declared',
  'configmap_missing',
  'configmap_key_missing',
  'secret_missing',
  'secret_key_missing',
  'claim_missing',
  'service_account_missing',
  'service_missing',
  'service_port_missing',
  'storage_class_missing',
  'scale_target_missing',
  'no_such_node_label',
] as const;

export type FindingCode = (typeof findingCodes)[number];

/** Objects of the cluster, by `group/resource`. */
type Source = (resource: string) => readonly TopologyObject[];

type Fields = Record<string, unknown>;
interface Manifest {
  apiVersion: string;
  kind: string;
  metadata?: { name?: string; namespace?: string; labels?: Record<string, string> };
  spec?: Fields;
}
interface Container {
  name?: string;
  ports?: { name?: string; containerPort?: number }[];
  env?: { valueFrom?: { configMapKeyRef?: KeyRef; secretKeyRef?: KeyRef } }[];
  envFrom?: { configMapRef?: NameRef; secretRef?: NameRef }[];
}
interface NameRef {
  name?: string;
  optional?: boolean;
}
interface KeyRef extends NameRef {
  key?: string;
}
interface Volume {
  configMap?: NameRef & { items?: { key?: string }[] };
  secret?: { secretName?: string; optional?: boolean; items?: { key?: string }[] };
  persistentVolumeClaim?: { claimName?: string };
  projected?: { sources?: { configMap?: NameRef; secret?: NameRef }[] };
}
interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
  serviceAccountName?: string;
  nodeSelector?: Record<string, string>;
}
/** What a Service or a policy may select: a Pod, or the template of some. */
interface Selectable {
  namespace: string;
  labels: Record<string, string>;
  spec: PodSpec;
}

const resources: Readonly<Record<string, string>> = {
  ConfigMap: '/configmaps',
  Secret: '/secrets',
  PersistentVolumeClaim: '/persistentvolumeclaims',
  ServiceAccount: '/serviceaccounts',
  Service: '/services',
  StorageClass: 'storage.k8s.io/storageclasses',
  Deployment: 'apps/deployments',
  StatefulSet: 'apps/statefulsets',
  DaemonSet: 'apps/daemonsets',
  ReplicaSet: 'apps/replicasets',
  Job: 'batch/jobs',
  CronJob: 'batch/cronjobs',
  Pod: '/pods',
};

/**
 * Checks what the API server can't: it takes a Service that selects nothing, or a Pod whose ConfigMap comes later. None of
 * this is an error; all of it is worth a second look.
 * @param documents the file's documents, parsed
 */
export function crossCheck(documents: readonly unknown[], source: Source): Finding[] {
  return documents.flatMap((value, document) => {
    if (!isManifest(value)) return [];
    return new Check(document, value, documents.filter(isManifest), source).run();
  });
}

function isManifest(value: unknown): value is Manifest {
  const { apiVersion, kind, metadata, spec } = (value ?? {}) as Manifest;
  const map = (part: unknown) => part === undefined || (typeof part === 'object' && part !== null);
  return typeof apiVersion === 'string' && typeof kind === 'string' && map(metadata) && map(spec);
}

class Check {
  readonly #document: number;
  readonly #manifest: Manifest;
  readonly #file: readonly Manifest[];
  readonly #source: Source;
  readonly #namespace: string;
  readonly #findings: Finding[] = [];

  constructor(document: number, manifest: Manifest, file: readonly Manifest[], source: Source) {
    this.#document = document;
    this.#manifest = manifest;
    this.#file = file;
    this.#source = source;
    this.#namespace = namespaceOf(manifest);
  }

  run(): Finding[] {
    const { kind, spec = {} } = this.#manifest;
    const template = podTemplate(this.#manifest);
    if (template) this.#podSpec(template.spec, template.path);
    if (kind === 'Service') this.#service(spec);
    if (kind === 'Ingress') this.#ingress(spec);
    if (kind === 'PersistentVolumeClaim') this.#claim(spec);
    if (kind === 'HorizontalPodAutoscaler') this.#autoscaler(spec);
    if (kind === 'PodDisruptionBudget') this.#selector('spec.selector', matchLabels(spec.selector));
    return this.#findings;
  }

  #found(path: string, code: FindingCode, params: Record<string, string>): void {
    this.#findings.push({ document: this.#document, path, code, params });
  }

  /** An object of this name, in the file or in the cluster. */
  #lookup(kind: string, name: string): Fields | undefined {
    const cluster = kind === 'StorageClass';
    const own = this.#file.find(
      (other) =>
        other.kind === kind && other.metadata?.name === name && (cluster || namespaceOf(other) === this.#namespace),
    );
    if (own) return own as unknown as Fields;
    const resource = resources[kind];
    const there = resource
      ? this.#source(resource).find(
          ({ metadata }) =>
            metadata.name === name && (cluster || (metadata.namespace ?? 'default') === this.#namespace),
        )
      : undefined;
    return there as Fields | undefined;
  }

  #podSpec(spec: PodSpec, path: string): void {
    for (const list of ['initContainers', 'containers'] as const)
      listOf(spec[list]).forEach((container, i) => this.#container(container, `${path}.${list}[${i}]`));
    listOf(spec.volumes).forEach((volume, i) => this.#volume(volume, `${path}.volumes[${i}]`));
    const account = spec.serviceAccountName;
    if (account && account !== 'default' && !this.#lookup('ServiceAccount', account))
      this.#found(`${path}.serviceAccountName`, 'service_account_missing', { name: account });
    const wanted = Object.entries(spec.nodeSelector ?? {});
    const nodes = this.#source('/nodes');
    if (wanted.length > 0 && nodes.length > 0 && !nodes.some(({ metadata }) => hasLabels(metadata.labels, wanted)))
      this.#found(`${path}.nodeSelector`, 'no_such_node_label', { selector: shown(wanted) });
  }

  #container(container: Container, path: string): void {
    listOf(container.env).forEach(({ valueFrom }, i) => {
      const at = `${path}.env[${i}].valueFrom`;
      if (valueFrom?.configMapKeyRef) this.#keyRef('ConfigMap', valueFrom.configMapKeyRef, `${at}.configMapKeyRef`);
      if (valueFrom?.secretKeyRef) this.#keyRef('Secret', valueFrom.secretKeyRef, `${at}.secretKeyRef`);
    });
    listOf(container.envFrom).forEach(({ configMapRef, secretRef }, i) => {
      if (configMapRef) this.#keyRef('ConfigMap', configMapRef, `${path}.envFrom[${i}].configMapRef`);
      if (secretRef) this.#keyRef('Secret', secretRef, `${path}.envFrom[${i}].secretRef`);
    });
  }

  #volume(volume: Volume, path: string): void {
    const { configMap, secret, persistentVolumeClaim, projected } = volume;
    if (configMap) {
      this.#keyRef('ConfigMap', { name: configMap.name, optional: configMap.optional }, `${path}.configMap`);
      listOf(configMap.items).forEach(({ key }, i) =>
        this.#key('ConfigMap', { ...configMap, key }, `${path}.configMap.items[${i}].key`),
      );
    }
    if (secret) {
      const ref = { name: secret.secretName, optional: secret.optional };
      this.#keyRef('Secret', ref, `${path}.secret`, 'secretName');
      listOf(secret.items).forEach(({ key }, i) =>
        this.#key('Secret', { ...ref, key }, `${path}.secret.items[${i}].key`),
      );
    }
    const claim = persistentVolumeClaim?.claimName;
    if (claim && !this.#lookup('PersistentVolumeClaim', claim))
      this.#found(`${path}.persistentVolumeClaim.claimName`, 'claim_missing', { name: claim });
    listOf(projected?.sources).forEach((part, i) => {
      const at = `${path}.projected.sources[${i}]`;
      if (part.configMap) this.#keyRef('ConfigMap', part.configMap, `${at}.configMap`);
      if (part.secret) this.#keyRef('Secret', part.secret, `${at}.secret`);
    });
  }

  #keyRef(kind: 'ConfigMap' | 'Secret', ref: KeyRef, path: string, nameField = 'name'): void {
    if (!ref.name || ref.optional) return;
    if (!this.#lookup(kind, ref.name))
      this.#found(`${path}.${nameField}`, kind === 'ConfigMap' ? 'configmap_missing' : 'secret_missing', {
        name: ref.name,
      });
    else this.#key(kind, ref, `${path}.key`);
  }

  #key(kind: 'ConfigMap' | 'Secret', { name, key, optional }: KeyRef, path: string): void {
    const object = name && key && !optional ? this.#lookup(kind, name) : undefined;
    if (!object || !name || !key) return;
    const has = (part: unknown) => typeof part === 'object' && part !== null && Object.hasOwn(part, key);
    if (!has(object.data) && !has(object.binaryData) && !has(object.stringData))
      this.#found(path, kind === 'ConfigMap' ? 'configmap_key_missing' : 'secret_key_missing', { name, key });
  }

  #service(spec: Fields): void {
    const selector = Object.entries((spec.selector ?? {}) as Record<string, string>);
    if (selector.length === 0) return;
    const selected = this.#selector('spec.selector', selector);
    if (selected.length === 0) return;
    const ports = selected.flatMap((pod) => listOf(pod.spec.containers).flatMap((c) => listOf(c.ports)));
    listOf(spec.ports as { port?: number; targetPort?: number | string }[]).forEach((port, i) => {
      const target = port.targetPort ?? port.port;
      const path = `spec.ports[${i}].${port.targetPort === undefined ? 'port' : 'targetPort'}`;
      if (typeof target === 'string' && !/^\d+$/.test(target)) {
        if (!ports.some(({ name }) => name === target)) this.#found(path, 'port_name_unknown', { port: target });
      } else if (ports.length > 0 && !ports.some(({ containerPort }) => containerPort === Number(target))) {
        const declared = [...new Set(ports.map(({ containerPort }) => containerPort))].join(', ');
        this.#found(path, 'port_not_declared', { port: String(target), declared });
      }
    });
  }

  /** Pods and templates in the file and the cluster that have these labels; tells if there are none. */
  #selector(path: string, selector: readonly (readonly [string, string])[]): Selectable[] {
    if (selector.length === 0) return [];
    const all = [...this.#file.flatMap(selectable), ...selectableKinds.flatMap((kind) => this.#cluster(kind))];
    const near = all.filter(({ namespace }) => namespace === this.#namespace);
    const selected = near.filter(({ labels }) => hasLabels(labels, selector));
    if (selected.length === 0)
      this.#found(path, 'selector_matches_nothing', {
        selector: shown(selector),
        labels: [...new Set(near.map(({ labels }) => shown(ownLabels(labels))))].slice(0, 3).join(' · ') || '–',
      });
    return selected;
  }

  #cluster(kind: string): Selectable[] {
    return this.#source(resources[kind]!).flatMap((object) =>
      selectable({ ...(object as unknown as Manifest), apiVersion: '', kind }),
    );
  }

  #ingress(spec: Fields): void {
    type Backend = { service?: { name?: string; port?: { number?: number; name?: string } } };
    const backend = ({ service }: Backend, path: string) => {
      if (!service?.name) return;
      const found = this.#lookup('Service', service.name) as { spec?: { ports?: Fields[] } } | undefined;
      const { number, name } = service.port ?? {};
      if (!found) this.#found(`${path}.service.name`, 'service_missing', { name: service.name });
      else if (!listOf(found.spec?.ports).some((port) => (name ? port.name === name : port.port === number)))
        this.#found(`${path}.service.port`, 'service_port_missing', {
          name: service.name,
          port: name ?? String(number),
        });
    };
    if (spec.defaultBackend) backend(spec.defaultBackend, 'spec.defaultBackend');
    listOf(spec.rules as { http?: { paths?: { backend?: Backend }[] } }[]).forEach(({ http }, i) =>
      listOf(http?.paths).forEach((path, j) =>
        backend(path.backend ?? {}, `spec.rules[${i}].http.paths[${j}].backend`),
      ),
    );
  }

  #claim(spec: Fields): void {
    const name = spec.storageClassName;
    if (typeof name === 'string' && name !== '' && !spec.volumeName && !this.#lookup('StorageClass', name))
      this.#found('spec.storageClassName', 'storage_class_missing', { name });
  }

  #autoscaler(spec: Fields): void {
    const { kind = '', name = '' } = (spec.scaleTargetRef ?? {}) as { kind?: string; name?: string };
    if (name && resources[kind] && !this.#lookup(kind, name))
      this.#found('spec.scaleTargetRef.name', 'scale_target_missing', { kind, name });
  }
}

const selectableKinds = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'];

const namespaceOf = ({ metadata }: Manifest) => metadata?.namespace ?? 'default';

/** Half-typed YAML has anything anywhere. */
function listOf<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

/** Where a kind has its Pod's spec and labels. */
function podTemplate(manifest: Manifest): { spec: PodSpec; labels: Record<string, string>; path: string } | undefined {
  const { kind, metadata, spec } = manifest;
  if (kind === 'Pod') return { spec: spec ?? {}, labels: metadata?.labels ?? {}, path: 'spec' };
  const job = kind === 'CronJob' ? (spec?.jobTemplate as Manifest | undefined)?.spec : spec;
  const path = kind === 'CronJob' ? 'spec.jobTemplate.spec.template.spec' : 'spec.template.spec';
  if (kind !== 'CronJob' && !selectableKinds.includes(kind)) return undefined;
  const template = job?.template as Manifest | undefined;
  return template && { spec: template.spec ?? {}, labels: template.metadata?.labels ?? {}, path };
}

function selectable(manifest: Manifest): Selectable[] {
  const template = podTemplate(manifest);
  return template ? [{ namespace: namespaceOf(manifest), labels: template.labels, spec: template.spec }] : [];
}

function hasLabels(labels: Readonly<Record<string, string>> = {}, wanted: readonly (readonly [string, string])[]) {
  return wanted.every(([key, value]) => labels[key] === value);
}

const matchLabels = (selector: unknown) =>
  Object.entries((selector as { matchLabels?: Record<string, string> } | undefined)?.matchLabels ?? {});

/** Labels that people gave; controllers add some that nobody selects by. */
const ownLabels = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).filter(
    ([key]) => !/^(pod-template-hash|controller-revision-hash|pod-template-generation|.*kubernetes\.io\/.*)$/.test(key),
  );

const shown = (labels: readonly (readonly [string, string])[]) => labels.map(([k, v]) => `${k}=${v}`).join(',');
