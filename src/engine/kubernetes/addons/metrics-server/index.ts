export { MetricsApi } from './api.ts';
export { installMetricsServer, removeMetricsServer } from './install.ts';
export { metricsServerManifest, metricsServerVersion } from './manifest.ts';
export { metricsServer } from './program.ts';
