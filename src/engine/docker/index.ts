export { adoptContainer, adoptNetwork } from './appliances.ts';
export { engineAnswers, type EngineAnswers } from './view.ts';
export { DockerEngine, dockerSocket, type DockerEngineOptions } from './engine.ts';
