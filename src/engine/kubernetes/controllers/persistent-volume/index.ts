export { persistentVolumeBinder } from './controller.ts';
