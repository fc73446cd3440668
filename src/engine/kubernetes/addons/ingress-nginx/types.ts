import type { KubeObject, ResourceRef } from '../../types.ts';

/** The fields of networking.k8s.io/v1 Ingress that the controller uses. */
export interface Ingress extends KubeObject {
  readonly spec?: {
    readonly ingressClassName?: string;
    readonly defaultBackend?: IngressBackend;
    readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
    readonly rules?: readonly IngressRule[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly LoadBalancerIngress[] } };
}

export interface IngressRule {
  readonly host?: string;
  readonly http?: {
    readonly paths: readonly {
      readonly path?: string;
      readonly pathType: PathType;
      readonly backend: IngressBackend;
    }[];
  };
}

export type PathType = 'Exact' | 'Prefix' | 'ImplementationSpecific';

export interface IngressBackend {
  readonly service?: { readonly name: string; readonly port?: { readonly number?: number; readonly name?: string } };
}

export interface LoadBalancerIngress {
  readonly ip?: string;
  readonly hostname?: string;
}

export interface IngressClass extends KubeObject {
  readonly spec?: { readonly controller?: string };
}

const networking = { group: 'networking.k8s.io', version: 'v1' } as const;

export const ingresses: ResourceRef<Ingress> = {
  ...networking,
  resource: 'ingresses',
  kind: 'Ingress',
  namespaced: true,
};

export const ingressClasses: ResourceRef<IngressClass> = {
  ...networking,
  resource: 'ingressclasses',
  kind: 'IngressClass',
  namespaced: false,
};
