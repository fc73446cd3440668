export { MetricsApi } from './api.ts';
export { metricsServerManifest, metricsServerVersion } from './manifest.ts';
export { metricsServer } from './program.ts';
