export { jobController } from './controller.ts';
