export { DockerEngine, dockerSocket, type DockerEngineOptions } from './engine.ts';
