import type { Pod } from '../../types.ts';
import { ApiError } from '../../client.ts';
import { forbidden } from '../errors.ts';
import type { Mutable } from '../resources/kind.ts';
import type { AdmissionPlugin } from './plugin.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const mirrorAnnotation = 'kubernetes.io/config.mirror';
/** Tokens are renewed before an hour is over: 1 h 7 s lets the kubelet tell these requests from others. */
const tokenExpirationSeconds = 3607;

/** The Pod's service account is not there (yet): the namespace's default one appears a moment after the namespace. */
export class ServiceAccountMissing extends ApiError {}

/** Gives every Pod a service account and mounts its token. */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  operations: ['CREATE'],
  resources: ['/pods'],
  admit({ object, namespace, name, group, resource, context }) {
    const pod = object as unknown as Mutable<Pod>;
    if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined || !pod.spec) return;
    const { spec } = pod;
    spec.serviceAccountName ||= 'default';
    spec.serviceAccount = spec.serviceAccountName;
    const account = context.get('', 'serviceaccounts', namespace, spec.serviceAccountName) as
      { automountServiceAccountToken?: boolean; imagePullSecrets?: { name: string }[] } | undefined;
    if (!account) {
      const missing = spec.serviceAccountName;
      const why = `error looking up service account ${namespace}/${missing}: serviceaccount ${JSON.stringify(missing)} not found`;
      throw new ServiceAccountMissing(forbidden({ group, resource }, name, why).status);
    }
    if (account.imagePullSecrets?.length && !spec.imagePullSecrets?.length) {
      spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
    }
    if ((spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) === false) return;
    mountToken(spec, () => `kube-api-access-${context.randomSuffix(5)}`);
  },
};

function mountToken(spec: Mutable<Pod>['spec'], volumeName: () => string): void {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const without = containers.filter((c) => !c.volumeMounts?.some((mount) => mount.mountPath === mountPath));
  if (without.length === 0) return;
  const name = spec.volumes?.find((v) => v.name.startsWith('kube-api-access-'))?.name ?? volumeName();
  for (const container of without) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }];
  }
  if (spec.volumes?.some((volume) => volume.name === name)) return;
  const sources = [
    { serviceAccountToken: { expirationSeconds: tokenExpirationSeconds, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] },
    },
  ];
  spec.volumes = [...(spec.volumes ?? []), { name, projected: { sources, defaultMode: 0o644 } }];
}
