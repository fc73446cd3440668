import MarkdownIt from 'markdown-it';
import { createHighlighter, type Highlighter } from 'shiki';
import { parse as parseYaml } from 'yaml';
import type { CatalogueCourse, LessonLink, LessonPage, LessonSource, LessonStep } from '$lib/lesson/types.ts';
import type { Lesson } from '../../lessons/definition.ts';
import { parseLesson } from '../../lessons/parse.ts';

/** Every file of every lesson, as text: `/lessons/<course>/<nn-lesson>/…`. */
const sources = import.meta.glob<string>('/lessons/**/*', { query: '?raw', import: 'default', eager: true });

interface Course {
  id: string;
  title: Record<string, string>;
  summary: Record<string, string>;
  lessons: Lesson[];
}

let courses: Course[] | undefined;

/** The courses in their order, lessons checked. @throws LessonError */
export function loadCourses(): Course[] {
  if (courses) return courses;
  const folders = new Map<string, Map<string, Record<string, string>>>();
  for (const [path, text] of Object.entries(sources)) {
    const [, course, folder, ...rest] = path.slice(1).split('/');
    if (rest.length === 0) continue;
    let lessons = folders.get(course!);
    if (!lessons) folders.set(course!, (lessons = new Map()));
    const files = lessons.get(folder!) ?? {};
    lessons.set(folder!, files);
    files[rest.join('/')] = text;
  }
  const order = parseYaml(sources['/lessons/courses.yaml'] ?? '[]') as {
    id: string;
    title: Record<string, string>;
    summary: Record<string, string>;
  }[];
  courses = order.map(({ id, title, summary }) => ({
    id,
    title,
    summary,
    lessons: [...(folders.get(id) ?? new Map<string, Record<string, string>>())]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([folder, files]) => parseLesson(id, `lessons/${id}/${folder}`, files)),
  }));
  return courses;
}

let highlighter: Promise<Highlighter> | undefined;

async function renderer(): Promise<InstanceType<typeof MarkdownIt>> {
  highlighter ??= createHighlighter({
    themes: ['github-light-high-contrast', 'github-dark-high-contrast'],
    langs: ['bash', 'yaml', 'dockerfile', 'json', 'go', 'console'],
  });
  const shiki = await highlighter;
  const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
  const { escapeHtml } = markdown.utils;
  markdown.renderer.rules.fence = (tokens, index) => {
    const token = tokens[index]!;
    const [language = '', ...words] = token.info.trim().split(/\s+/);
    const languages = shiki.getLoadedLanguages();
    const code = languages.includes(language)
      ? shiki.codeToHtml(token.content.replace(/\n$/, ''), {
          lang: language,
          themes: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
          defaultColor: false,
        })
      : `<pre><code>${escapeHtml(token.content)}</code></pre>`;
    const file = words.find((w) => w.startsWith('file='))?.slice('file='.length);
    if (file) return `<figure data-block="file" data-path="${escapeHtml(file)}">${code}</figure>\n`;
    if (words.includes('run')) return `<figure data-block="command">${code}</figure>\n`;
    return `<figure>${code}</figure>\n`;
  };
  return markdown;
}

/** Source of the lesson pages for prerendering. */
export const pages: LessonSource = {
  catalogue: (locale) =>
    Promise.resolve(
      loadCourses().map((course): CatalogueCourse => ({
        id: course.id,
        title: course.title[locale] ?? course.title.en ?? course.id,
        summary: course.summary[locale] ?? course.summary.en ?? '',
        lessons: course.lessons.map(({ definition, texts }) => ({
          course: course.id,
          id: definition.id,
          title: texts[locale]!.title,
          summary: texts[locale]!.summary,
          minutes: definition.minutes,
          steps: definition.steps.map(({ id }) => id),
        })),
      })),
    ),
  lesson: async (locale, courseId, id) => {
    const all = loadCourses().flatMap((course) => course.lessons);
    const index = all.findIndex(({ definition }) => definition.course === courseId && definition.id === id);
    const lesson = all[index];
    return lesson && renderLesson(lesson, locale, linkTo(all[index - 1], locale), linkTo(all[index + 1], locale));
  },
};

function linkTo(lesson: Lesson | undefined, locale: string): LessonLink | undefined {
  return lesson && { course: lesson.definition.course, id: lesson.definition.id, title: lesson.texts[locale]!.title };
}

async function renderLesson(
  { definition, texts }: Lesson,
  locale: string,
  previous: LessonLink | undefined,
  next: LessonLink | undefined,
): Promise<LessonPage> {
  const text = texts[locale]!;
  const markdown = await renderer();
  const inline = (words: string) => markdown.renderInline(words);
  const { course, id, minutes, preset, files } = definition;
  return {
    course,
    id,
    title: text.title,
    summary: text.summary,
    minutes,
    preset,
    files,
    definition,
    messages: text.messages,
    steps: text.steps.map((step, i): LessonStep => {
      const { criteria, solution } = definition.steps[i]!;
      return {
        id: step.id,
        title: step.title,
        html: markdown.render(step.body),
        criteria: criteria.map((criterion) => ({
          id: criterion.id,
          text: inline(step.criteria.find((c) => c.id === criterion.id)!.text),
          choices: 'quiz' in criterion ? step.choices[criterion.id]!.map(inline) : undefined,
        })),
        hints: step.hints.map((hint) => markdown.render(hint)),
        solution: solution.map((command) => ({ kind: 'run', command })),
      };
    }),
    finish:
      text.finish === undefined
        ? undefined
        : { html: markdown.render(text.finish), challenge: text.challenge && markdown.render(text.challenge) },
    previous,
    next,
  };
}
