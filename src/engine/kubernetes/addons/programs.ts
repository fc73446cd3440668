import type { Program } from '../../process/index.ts';
import { withFootprint } from '../../programs/servers/footprint.ts';
import type { Client } from '../client.ts';
import { envoyGatewayProgram } from './envoy-gateway/controller.ts';
import { envoyProgram, Tables } from './envoy-gateway/envoy.ts';
import { certgenProgram } from './ingress-nginx/certgen.ts';
import { ingressNginxProgram } from './ingress-nginx/controller.ts';
import { metallbControllerProgram } from './metallb/controller.ts';
import { Members, metallbSpeakerProgram } from './metallb/speaker.ts';

/** Programs of add-ons' Pods that speak with their cluster's API server, by the names that images have for them. */
export function addonPrograms(client: Client): readonly (readonly [string, Program])[] {
  const tables = new Tables();
  const all: readonly (readonly [string, Program])[] = [
    ['envoy', envoyProgram(client, tables)],
    ['envoy-gateway', envoyGatewayProgram(client, tables)],
    ['kube-webhook-certgen', certgenProgram(client)],
    ['metallb-controller', metallbControllerProgram(client)],
    ['metallb-speaker', metallbSpeakerProgram(client, new Members())],
    ['nginx-ingress-controller', ingressNginxProgram(client)],
  ];
  return all.map(([name, program]) => [name, withFootprint(name, program)]);
}
