export { adoptContainer, adoptNetwork } from './appliances.ts';
export { DockerEngine, dockerSocket, type DockerEngineOptions } from './engine.ts';
