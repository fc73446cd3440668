import type { LabelSelector, Labels } from '../apimachinery/label-selector.ts';

/** The fields of networking.k8s.io/v1 NetworkPolicy that decide about traffic. */
export interface NetworkPolicy {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: {
    readonly podSelector?: LabelSelector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly IngressRule[];
    readonly egress?: readonly EgressRule[];
  };
}

export interface IngressRule {
  readonly from?: readonly PolicyPeer[];
  readonly ports?: readonly PolicyPort[];
}

export interface EgressRule {
  readonly to?: readonly PolicyPeer[];
  readonly ports?: readonly PolicyPort[];
}

export interface PolicyPeer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export interface PolicyPort {
  readonly protocol?: string;
  /** A number, or the name of a port of the Pod that is reached. */
  readonly port?: number | string;
  readonly endPort?: number;
}

/** One end of a connection. Without `pod` it is outside the cluster, or a node. */
export interface Endpoint {
  /** Dotted. */
  readonly ip: string;
  readonly pod?: PodEndpoint;
}

export interface PodEndpoint {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly namespaceLabels: Labels;
  readonly ports: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
}

export interface Attempt {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Rules that name ports never mean ICMP. */
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'ICMP';
  /** Of the Pod that is reached, after every translation. */
  readonly port: number;
}

export type Direction = 'egress' | 'ingress';

/** Which policy decided, and which of its rules. */
export interface PolicyRule {
  readonly namespace: string;
  readonly policy: string;
  readonly direction: Direction;
  /** Place in the policy's list, from 0. */
  readonly rule: number;
}

export type Verdict =
  /** `by` names a rule for each direction in which the Pod is isolated. */
  | { readonly allowed: true; readonly by: readonly PolicyRule[] }
  /** `isolatedBy` are the policies that select the Pod and have no rule for this. */
  | {
      readonly allowed: false;
      readonly direction: Direction;
      readonly isolatedBy: readonly { readonly namespace: string; readonly policy: string }[];
    };
