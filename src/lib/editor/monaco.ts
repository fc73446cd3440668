/** Monaco with what manifests, Dockerfiles and scripts need; loaded when the editor first shows. */
import { editor, KeyCode, KeyMod, languages, MarkerSeverity, Range, Uri } from 'monaco-editor/editor';
// The suggest feature registers inline suggestions only.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import 'monaco-editor/features/bracketMatching/register';
import 'monaco-editor/features/clipboard/register';
import 'monaco-editor/features/codicon/register';
import 'monaco-editor/features/comment/register';
import 'monaco-editor/features/contextmenu/register';
import 'monaco-editor/features/find/register';
import 'monaco-editor/features/folding/register';
import 'monaco-editor/features/gotoError/register';
import 'monaco-editor/features/hover/register';
import 'monaco-editor/features/indentation/register';
import 'monaco-editor/features/linesOperations/register';
import 'monaco-editor/features/multicursor/register';
import 'monaco-editor/features/snippet/register';
import 'monaco-editor/features/suggest/register';
import 'monaco-editor/features/toggleTabFocusMode/register';
import 'monaco-editor/features/wordOperations/register';
import 'monaco-editor/languages/definitions/dockerfile/register';
import 'monaco-editor/languages/definitions/shell/register';
import 'monaco-editor/languages/definitions/yaml/register';
import { m } from '$lib/i18n.ts';
import { completions, instructionAt } from './dockerfile/instructions.ts';
import { yamlContext } from './yaml/context.ts';
import { describe, fieldAt, suggestions, typeName } from './yaml/schema.ts';

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };

interface Palette {
  base: 'vs' | 'vs-dark';
  background: string;
  text: string;
  muted: string;
  key: string;
  string: string;
  number: string;
  line: string;
  widget: string;
  selection: string;
  accent: string;
}

function define(name: string, c: Palette): void {
  const bare = (colour: string) => colour.slice(1);
  editor.defineTheme(name, {
    base: c.base,
    inherit: true,
    rules: [
      { token: '', foreground: bare(c.text) },
      { token: 'comment', foreground: bare(c.muted) },
      { token: 'type', foreground: bare(c.key) },
      { token: 'keyword', foreground: bare(c.key) },
      { token: 'string', foreground: bare(c.string) },
      { token: 'number', foreground: bare(c.number) },
      { token: 'variable', foreground: bare(c.number) },
    ],
    colors: {
      'editor.background': c.background,
      'editor.foreground': c.text,
      'editorLineNumber.foreground': c.muted,
      'editorLineNumber.dimmedForeground': c.muted,
      'editorLineNumber.activeForeground': c.text,
      'editor.lineHighlightBorder': '#00000000',
      'editor.lineHighlightBackground': `${c.line}80`,
      'editorIndentGuide.background1': c.line,
      'editorCursor.foreground': c.accent,
      'editor.selectionBackground': c.selection,
      'editorWidget.background': c.widget,
      'editorWidget.border': c.line,
      'editorSuggestWidget.background': c.widget,
      'editorHoverWidget.background': c.widget,
      'editorHoverWidget.border': c.line,
      'editorSuggestWidget.selectedBackground': c.selection,
      'editorSuggestWidget.selectedForeground': c.text,
      'editorSuggestWidget.selectedIconForeground': c.text,
      'editorSuggestWidget.highlightForeground': c.accent,
      'editorSuggestWidget.focusHighlightForeground': c.accent,
      focusBorder: c.accent,
    },
  });
}

define('slipway-light', {
  base: 'vs',
  background: '#ffffff',
  text: '#16202a',
  muted: '#5d6a76',
  key: '#0a6a8a',
  string: '#187544',
  number: '#8a3c96',
  line: '#e6ebef',
  widget: '#ffffff',
  selection: '#bfe0ec',
  accent: '#0a6a8a',
});

define('slipway-dark', {
  base: 'vs-dark',
  background: '#12171c',
  text: '#e2e8ed',
  muted: '#8c9aa7',
  key: '#5cc0e0',
  string: '#7fd3a9',
  number: '#d79be0',
  line: '#28313a',
  widget: '#1a2129',
  selection: '#245062',
  accent: '#5cc0e0',
});

export const themeName = (dark: boolean): string => (dark ? 'slipway-dark' : 'slipway-light');

languages.registerCompletionItemProvider('yaml', {
  triggerCharacters: [' ', ':', '-'],
  provideCompletionItems(model, position) {
    const word = model.getWordUntilPosition(position);
    const range = new Range(position.lineNumber, word.startColumn, position.lineNumber, word.endColumn);
    const context = yamlContext(model.getValue(), position.lineNumber - 1, word.startColumn - 1);
    return {
      suggestions: suggestions(context).map((item) => ({
        label: { label: item.label, description: item.detail },
        kind:
          context.valueOf === undefined ? languages.CompletionItemKind.Property : languages.CompletionItemKind.Value,
        insertText: item.insert,
        insertTextRules: languages.CompletionItemInsertTextRule.InsertAsSnippet,
        // What the API requires comes first.
        sortText: `${item.required ? 0 : 1}${item.label}`,
        range,
        owner: item.owner,
      })),
    };
  },
  async resolveCompletionItem(item) {
    const { owner } = item as typeof item & { owner?: { type: string; field: string } };
    const documentation = owner && (await describe(owner));
    return documentation ? { ...item, documentation } : item;
  },
});

languages.registerHoverProvider('yaml', {
  async provideHover(model, position) {
    const line = model.getLineContent(position.lineNumber);
    const key = /^[\s-]*["']?([\w./-]+)["']?\s*:/.exec(line);
    const start = key ? line.indexOf(key[1] ?? '') : -1;
    if (!key?.[1] || position.column - 1 < start || position.column - 1 > start + key[1].length) return null;
    const found = fieldAt(yamlContext(model.getValue(), position.lineNumber - 1, start), key[1]);
    if (!found) return null;
    const text = await describe(found.owner);
    const heading = `**${key[1]}** \`${typeName(found.field.type)}\`${found.field.required ? ' · required' : ''}`;
    return {
      range: new Range(position.lineNumber, start + 1, position.lineNumber, start + 1 + key[1].length),
      contents: [{ value: heading }, ...(text ? [{ value: text.replaceAll('<', '&lt;') }] : [])],
    };
  },
});

/** What an instruction of a Dockerfile is for. */
function aboutInstruction(name: string): string | undefined {
  return (m as unknown as Record<string, (() => string) | undefined>)[`dockerfile_${name.toLowerCase()}`]?.();
}

languages.registerCompletionItemProvider('dockerfile', {
  triggerCharacters: ['-', '='],
  provideCompletionItems(model, position) {
    const line = model.getLineContent(position.lineNumber);
    const before = line.slice(0, position.column - 1);
    const above = model
      .getValue()
      .split('\n')
      .slice(0, position.lineNumber - 1)
      .join('\n');
    const word = /[\w.-]*$/.exec(before)![0];
    const range = new Range(position.lineNumber, position.column - word.length, position.lineNumber, position.column);
    return {
      suggestions: completions(before, above).map(({ name, insert }, i) => ({
        label: name,
        kind: languages.CompletionItemKind.Keyword,
        insertText: insert,
        insertTextRules: languages.CompletionItemInsertTextRule.InsertAsSnippet,
        sortText: String(i).padStart(2, '0'),
        range,
        ...(aboutInstruction(name) === undefined ? {} : { documentation: aboutInstruction(name)! }),
      })),
    };
  },
});

languages.registerHoverProvider('dockerfile', {
  provideHover(model, position) {
    const found = instructionAt(model.getLineContent(position.lineNumber), position.column - 1);
    const text = found && aboutInstruction(found.name);
    if (!found || !text) return null;
    return {
      range: new Range(position.lineNumber, found.start + 1, position.lineNumber, found.end + 1),
      contents: [{ value: `**${found.name}**` }, { value: text }],
    };
  },
});

export { editor, KeyCode, KeyMod, MarkerSeverity, Uri };
