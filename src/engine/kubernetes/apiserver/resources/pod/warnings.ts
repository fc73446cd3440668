import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';

/** Node labels with newer names. */
const deprecatedNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** What is allowed in a Pod but probably not meant (pod.GetWarningsForPod). @param path `spec` or `spec.template.spec` */
export function podWarnings(spec: IPodSpec | undefined, path: string): string[] {
  if (!spec) return [];
  const warnings: string[] = [];
  for (const key of Object.keys(spec.nodeSelector ?? {}).sort()) {
    if (deprecatedNodeLabels[key]) warnings.push(`${path}.nodeSelector[${key}]: ${deprecatedNodeLabels[key]}`);
  }
  spec.volumes?.forEach((volume, i) => {
    if (volume.gitRepo) warnings.push(`${path}.volumes[${i}].gitRepo: deprecated in v1.11`);
  });
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    warnings.push(
      `${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  }
  const secrets = new Set<string>();
  spec.imagePullSecrets?.forEach((secret, i) => {
    const at = `${path}.imagePullSecrets[${i}].name`;
    if (!secret.name) warnings.push(`${at}: invalid empty name ${JSON.stringify(secret.name ?? '')}`);
    else if (secrets.has(secret.name)) warnings.push(`${at}: duplicate name ${JSON.stringify(secret.name)}`);
    secrets.add(secret.name ?? '');
  });
  for (const list of ['containers', 'initContainers'] as const) {
    spec[list]?.forEach((container, i) => {
      const at = `${path}.${list}[${i}]`;
      const names = new Set<string>();
      container.env?.forEach((variable, j) => {
        if (names.has(variable.name)) {
          warnings.push(
            `${at}.env[${j}]: hides previous definition of ${JSON.stringify(variable.name)}, which may be unexpected`,
          );
        }
        names.add(variable.name);
      });
      const ports = new Map<string, number>();
      container.ports?.forEach((port, j) => {
        const key = `${port.containerPort}/${port.protocol}`;
        const first = ports.get(key);
        if (first !== undefined && !port.hostPort) {
          warnings.push(`${at}.ports[${j}]: duplicate port definition with ${at}.ports[${first}]`);
        }
        ports.set(key, first ?? j);
      });
    });
  }
  return warnings;
}
