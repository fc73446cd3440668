export { ParseError } from './parser.ts';
export { builtins, type FunctionMap, type GoFunction } from './functions.ts';
export { formatValue, quote, sprint, sprintf, sprintln } from './format.ts';
export { ExecError, executeTemplate, Template, type TemplateOptions } from './template.ts';
export { compareStrings, entry, isMap, isTrue, kindOf, sortedKeys, struct, typeName, type Value } from './value.ts';
