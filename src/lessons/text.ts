import { LessonError, type LessonText, type StepText } from './definition.ts';

/**
 * Reads a lesson's Markdown in one language:
 *
 *   # Title
 *   The goal in one sentence.
 *   ## Step title {#step-id}
 *   Text …
 *   :::criteria
 *   web: A Deployment `web` exists.
 *   web.missing: There is no Deployment `web` yet.
 *   :::
 *   :::hint
 *   …
 *   :::
 *   ## Summary {#finish}
 *   :::challenge
 *
 * @throws LessonError with the line
 */
export function parseLessonText(markdown: string, file: string): LessonText {
  const lines = markdown.replace(/\r\n/g, '\n').split('\n');
  const text: LessonText = { title: '', summary: '', steps: [], messages: {} };
  let step: StepText | undefined;
  let body: string[] = [];
  let inFinish = false;
  let fence: string | undefined;

  const flush = () => {
    const content = body.join('\n').trim();
    if (step) step.body = content;
    else if (inFinish) text.finish = content;
    else text.summary = content;
    body = [];
  };

  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const fenced = /^(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined && fenced) fence = fenced;
    else if (fence !== undefined && fenced?.startsWith(fence) && line.trim() === fenced) fence = undefined;
    if (fence === undefined && !fenced) {
      const title = /^# (.+)$/.exec(line);
      if (title) {
        text.title = title[1]!.trim();
        continue;
      }
      if (line.startsWith('## ')) {
        const heading = /^## (.+?) \{#([a-z0-9-]+)\}\s*$/.exec(line);
        if (!heading) throw new LessonError(file, i + 1, 'a step heading looks like "## Title {#step-id}"');
        flush();
        inFinish = heading[2] === 'finish';
        step = undefined;
        if (!inFinish) {
          step = { id: heading[2]!, title: heading[1]!, body: '', criteria: [], hints: [], choices: {} };
          text.steps.push(step);
        }
        continue;
      }
      const block = /^:::(\S+)(?:\s+(\S+))?\s*$/.exec(line);
      if (block) {
        const start = i + 1;
        const content: string[] = [];
        for (i++; lines[i]?.trim() !== ':::'; i++) {
          if (i >= lines.length) throw new LessonError(file, start, `:::${block[1]} is never closed with :::`);
          content.push(lines[i]!);
        }
        readBlock(block[1]!, block[2], content, start, { file, text, step });
        continue;
      }
    }
    body.push(line);
  }
  flush();
  if (text.title === '') throw new LessonError(file, 1, 'the first line must be "# Title"');
  if (text.summary === '') throw new LessonError(file, 2, 'the goal is missing: one sentence below the title');
  return text;
}

function readBlock(
  kind: string,
  argument: string | undefined,
  content: string[],
  line: number,
  { file, text, step }: { file: string; text: LessonText; step: StepText | undefined },
): void {
  if (kind === 'challenge') {
    text.challenge = content.join('\n').trim();
    return;
  }
  if (!step) throw new LessonError(file, line, `:::${kind} stands outside of a step`);
  switch (kind) {
    case 'hint':
      step.hints.push(content.join('\n').trim());
      return;
    case 'choices':
      if (!argument) throw new LessonError(file, line, ':::choices names its criterion: ":::choices id"');
      step.choices[argument] = content.filter((l) => l.trim()).map((l) => l.replace(/^\s*(?:\d+\.|-)\s+/, '').trim());
      return;
    case 'criteria':
      content.forEach((entry, i) => {
        if (entry.trim() === '') return;
        const match = /^([a-z0-9-]+)(?:\.([a-z][a-z-]*))?:\s+(.+)$/.exec(entry.trim());
        if (!match)
          throw new LessonError(file, line + 1 + i, 'expected "criterion: text" or "criterion.message: text"');
        const [, id, message, words] = match;
        if (message) text.messages[`${id}.${message}`] = words!;
        else step.criteria.push({ id: id!, text: words! });
      });
      return;
    default:
      throw new LessonError(file, line, `unknown block :::${kind}; there are criteria, hint, choices and challenge`);
  }
}
