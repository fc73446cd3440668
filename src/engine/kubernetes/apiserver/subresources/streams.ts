import type { HttpRequest, HttpResponse } from '../../../network/http.ts';
import type { ByteReader, Cancellation } from '../../../world/index.ts';
import type { Pod } from '../../types.ts';
import { badRequest } from '../errors.ts';
import type { Query } from '../request-info.ts';
import type { ProxyTransport } from './proxy.ts';

/** What `pods/log` asks the node for (PodLogOptions). */
export interface PodLogOptions {
  container: string;
  follow: boolean;
  previous: boolean;
  timestamps: boolean;
  sinceSeconds?: number;
  /** RFC 3339. */
  sinceTime?: string;
  tailLines?: number;
  limitBytes?: number;
}

/** A node's kubelet, as far as logs are concerned; cluster assembly registers one for all nodes. */
export interface PodLogs {
  /**
   * The log of one container.
   * @throws ApiError, e.g. BadRequest `container "web" in pod "web" is waiting to start: ContainerCreating`
   */
  read(
    pod: Pod,
    options: PodLogOptions,
    cancel?: Cancellation,
  ): ByteReader | Uint8Array | Promise<ByteReader | Uint8Array>;
}

/** Streams into a Pod: `exec`, `attach` and `portforward`. The provider speaks the whole upgrade protocol. */
export interface PodStreams {
  exec?(pod: Pod, query: Query, request: HttpRequest): HttpResponse | Promise<HttpResponse>;
  attach?(pod: Pod, query: Query, request: HttpRequest): HttpResponse | Promise<HttpResponse>;
  portforward?(pod: Pod, query: Query, request: HttpRequest): HttpResponse | Promise<HttpResponse>;
  /** Sends a request into the cluster's network, for `proxy`. */
  fetch?: ProxyTransport;
}

/**
 * PodLogOptions from a query, with the container that is meant.
 * @throws ApiError BadRequest when the Pod has several and none is named
 */
export function logOptions(pod: Pod, query: Query): PodLogOptions {
  const options: PodLogOptions = {
    container: containerOf(pod, query.get('container')),
    follow: query.bool('follow'),
    previous: query.bool('previous'),
    timestamps: query.bool('timestamps'),
  };
  const sinceSeconds = integer(query, 'sinceSeconds');
  const tailLines = integer(query, 'tailLines');
  const limitBytes = integer(query, 'limitBytes');
  const sinceTime = query.get('sinceTime');
  if (sinceSeconds !== undefined) options.sinceSeconds = sinceSeconds;
  if (tailLines !== undefined) options.tailLines = tailLines;
  if (limitBytes !== undefined) options.limitBytes = limitBytes;
  if (sinceTime !== undefined) options.sinceTime = sinceTime;
  return options;
}

/** The container a stream is for. @throws ApiError BadRequest */
export function containerOf(pod: Pod, name: string | undefined): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const podName = pod.metadata.name;
  const all = [...initContainers, ...containers, ...ephemeralContainers];
  if (name !== undefined) {
    if (all.some((container) => container.name === name)) return name;
    throw badRequest(`container ${name} is not valid for pod ${podName}`);
  }

  if (containers.length === 1) return containers[0]!.name;
  if (containers.length === 0) throw badRequest(`a container name must be specified for pod ${podName}`);
  let choose = `a container name must be specified for pod ${podName}, choose one of: [${containers.map((c) => c.name).join(' ')}]`;
  if (initContainers.length > 0)
    choose += ` or one of the init containers: [${initContainers.map((c) => c.name).join(' ')}]`;
  throw badRequest(choose);
}

function integer(query: Query, name: string): number | undefined {
  const value = query.get(name);
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}
