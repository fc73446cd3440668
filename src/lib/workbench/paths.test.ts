import { expect, test } from 'vitest';
import { applyCommand, workPath } from './paths.ts';

const host = { name: 'workstation', role: 'workstation', on: true, home: '/home/learner' } as const;
const tab = { id: 't1', host: 'workstation', ended: false, opened: true };

test('lesson files lie in the work directory', () => {
  expect(workPath(host, 'web.yaml')).toBe('/home/learner/work/web.yaml');
  expect(workPath(host, '/etc/hosts')).toBe('/etc/hosts');
});

test('the command names the file as short as the directory allows, quoted where needed', () => {
  expect(applyCommand({ ...tab, directory: '/home/learner/work' }, '/home/learner/work/web.yaml')).toBe(
    'kubectl apply -f web.yaml',
  );
  expect(applyCommand(tab, '/home/learner/work/web.yaml')).toBe('kubectl apply -f /home/learner/work/web.yaml');
  expect(applyCommand(tab, "/w/it's.yaml")).toBe("kubectl apply -f '/w/it'\\''s.yaml'");
});
