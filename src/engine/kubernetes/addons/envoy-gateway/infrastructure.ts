import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Gateway } from '../gateway-api/types.ts';
import { containerPort } from './data-plane.ts';

/** What the control plane makes for a Gateway: a Deployment of envoy and the Service in front of it. */

export const systemNamespace = 'envoy-gateway-system';
export const proxyImage = 'docker.io/envoyproxy/envoy:distroless-v1.36.2';

type Fields = Record<string, unknown>;

export function infrastructureName({ metadata: { namespace, name } }: Gateway): string {
  const hash = bytesToHex(sha256(utf8ToBytes(`${namespace}/${name}`))).slice(0, 8);
  return `envoy-${namespace}-${name}-${hash}`;
}

export function ownerLabels({ metadata: { namespace, name } }: Gateway): Record<string, string> {
  return {
    'app.kubernetes.io/component': 'proxy',
    'app.kubernetes.io/managed-by': 'envoy-gateway',
    'app.kubernetes.io/name': 'envoy',
    'gateway.envoyproxy.io/owning-gateway-name': name,
    'gateway.envoyproxy.io/owning-gateway-namespace': namespace ?? 'default',
  };
}

/** The ports of a Gateway's Service. */
export function servicePorts(gateway: Gateway): Fields[] {
  const ports = new Map<number, string>();
  for (const { port, protocol } of gateway.spec.listeners)
    if (!ports.has(port)) ports.set(port, `${protocol.toLowerCase()}-${port}`);
  return [...ports].map(([port, name]) => ({ name, port, protocol: 'TCP', targetPort: containerPort(port) }));
}

export function serviceFor(gateway: Gateway): Fields {
  const labels = ownerLabels(gateway);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: infrastructureName(gateway), namespace: systemNamespace, labels },
    spec: {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      ports: servicePorts(gateway),
      selector: labels,
    },
  };
}

export function deploymentFor(gateway: Gateway): Fields {
  const labels = ownerLabels(gateway);
  const { namespace, name } = gateway.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: infrastructureName(gateway), namespace: systemNamespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          containers: [
            {
              name: 'envoy',
              image: proxyImage,
              imagePullPolicy: 'IfNotPresent',
              command: ['envoy'],
              args: [
                '--service-cluster',
                `${namespace}/${name}`,
                '--service-node',
                '$(ENVOY_POD_NAME)',
                '--log-level',
                'warn',
              ],
              env: [{ name: 'ENVOY_POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
              ports: [
                { containerPort: 19_001, name: 'metrics' },
                { containerPort: 19_003, name: 'readiness' },
              ],
              readinessProbe: {
                failureThreshold: 1,
                httpGet: { path: '/ready', port: 19_003, scheme: 'HTTP' },
                periodSeconds: 5,
                successThreshold: 1,
                timeoutSeconds: 1,
              },
              resources: { requests: { cpu: '100m', memory: '512Mi' } },
            },
          ],
          serviceAccountName: 'envoy-gateway',
          terminationGracePeriodSeconds: 360,
        },
      },
    },
  };
}
