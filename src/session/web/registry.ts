import { gatewayApi } from './gateway-api.ts';
import { hpaExamples } from './hpa-examples.ts';
import { ingressNginx } from './ingress-nginx.ts';
import type { WebFile } from './internet.ts';
import { metallb } from './metallb.ts';
import { metricsServer } from './metrics-server.ts';
import { resourceExamples } from './resource-examples.ts';

/** All files of the simulated internet. */
export const webFiles: readonly WebFile[] = [
  ...hpaExamples,
  ...metricsServer,
  ...resourceExamples,
  ...ingressNginx,
  ...gatewayApi,
  ...metallb,
];
