import {
  envoyGatewayManifest,
  envoyGatewayVersion,
  quickstartManifest,
} from '../../engine/kubernetes/addons/envoy-gateway/manifest.ts';
import { bundleVersion, gatewayApiManifest } from '../../engine/kubernetes/addons/gateway-api/crds.ts';
import type { WebFile } from './internet.ts';

const definitions = 'https://github.com/kubernetes-sigs/gateway-api/releases';
const envoy = 'https://github.com/envoyproxy/gateway/releases';

export const gatewayApi: readonly WebFile[] = [
  {
    urls: [
      `${definitions}/download/${bundleVersion}/standard-install.yaml`,
      `${definitions}/latest/download/standard-install.yaml`,
    ],
    content: () => gatewayApiManifest(),
  },
  ...['v1.3.0', 'v1.2.1'].map((version) => ({
    urls: [`${definitions}/download/${version}/standard-install.yaml`],
    content: () => gatewayApiManifest(version),
  })),
  {
    urls: [`${envoy}/download/${envoyGatewayVersion}/install.yaml`, `${envoy}/download/latest/install.yaml`],
    content: () => envoyGatewayManifest(),
  },
  {
    urls: [`${envoy}/download/${envoyGatewayVersion}/quickstart.yaml`, `${envoy}/download/latest/quickstart.yaml`],
    content: () => quickstartManifest(),
  },
];
