import { describe, expect, it } from 'vitest';
import { parseLesson } from './parse.ts';

const criterion = (id: string) => `      - { id: ${id}, object: { resource: /pods, namespace: default, name: web } }\n`;
const text = (ids: readonly string[]) =>
  `# T\n\nGoal.\n\n${ids.map((id, i) => `## S {#s${i}}\n\n:::criteria\n${id}: there\n${id}.missing: not there\n:::\n`).join('\n')}`;

function lesson(ids: readonly string[]) {
  const steps = ids.map((id, i) => `  - id: s${i}\n    criteria:\n${criterion(id)}`).join('');
  return {
    'lesson.yaml': `id: t\npreset: kind-4\nminutes: 1\nsteps:\n${steps}`,
    'en.md': text(ids),
    'zh-CN.md': text(ids),
    'solution.sh': '# step: s0\ntrue\n',
  };
}

describe('a lesson', () => {
  it('is read with its texts', () => {
    const { definition, texts } = parseLesson('c', 'lessons/c/t', lesson(['one', 'two']));
    expect(definition.steps.map(({ solution }) => solution)).toEqual([['true'], []]);
    expect(texts['en']!.messages['two.missing']).toBe('not there');
  });

  it("can't use one criterion's id in two steps: their texts would overwrite each other", () => {
    expect(() => parseLesson('c', 'lessons/c/t', lesson(['one', 'one']))).toThrow(
      'lessons/c/t/lesson.yaml:10: steps.1.criteria.0.id: criterion one exists already in step s0',
    );
  });
});
