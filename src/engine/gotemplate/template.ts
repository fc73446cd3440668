import { own } from '../world/index.ts';
import type { Command, Node, Operand, Pipe, RangeNode } from './ast.ts';
import { printNode } from './ast.ts';
import { formatValue, quote } from './format.ts';
import { builtins, type FunctionMap, type GoFunction } from './functions.ts';
import { parse } from './parser.ts';
import { entry, isTrue, kindOf, sortedKeys, typeName } from './value.ts';

/** A template that failed while running; the message is Go's, with position and the expression at fault. */
export class ExecError extends Error {
  override name = 'ExecError';
  /** What had been written before the failure. */
  output = '';
}

export interface TemplateOptions {
  functions?: FunctionMap;
  /** A missing map key: prints `<no value>` (default), counts as nil ('zero'), or is an error. */
  missingKey?: 'default' | 'zero' | 'error';
}

const maxDepth = 10_000;
const maxOutput = 64 << 20;
const break_ = Symbol('break');
const continue_ = Symbol('continue');

interface Variable {
  name: string;
  value: unknown;
}

/** Go's text/template on plain JSON data. Immutable but for `parse`, which adds the templates that a source defines. */
export class Template {
  readonly name: string;
  readonly #functions: FunctionMap;
  readonly #missingKey: NonNullable<TemplateOptions['missingKey']>;
  readonly #trees = new Map<string, { nodes: Node[]; source: string; parseName: string }>();

  constructor(name: string, options: TemplateOptions = {}) {
    this.name = name;
    this.#functions = { ...builtins, ...options.functions };
    this.#missingKey = options.missingKey ?? 'default';
  }

  /** Adds `source` as the template `name` (by default this one), and those it defines. @throws ParseError */
  parse(source: string, name = this.name): this {
    const known = (f: string) => f === 'and' || f === 'or' || Object.hasOwn(this.#functions, f);
    for (const [defined, nodes] of parse(name, source, known)) {
      const isBlank = nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
      if (isBlank && this.#trees.has(defined)) continue;
      this.#trees.set(defined, { nodes, source, parseName: name });
    }
    return this;
  }

  /** Is there a template of this name? */
  has(name: string): boolean {
    return this.#trees.has(name);
  }

  /** Names of all templates, in order of definition. */
  names(): string[] {
    return [...this.#trees.keys()];
  }

  /** Runs the template `name` on `data`. @throws ExecError */
  execute(data: unknown, name = this.name): string {
    const output: string[] = [];
    const tree = this.#trees.get(name);
    if (!tree) throw new ExecError(`template: ${quote(name)} is an incomplete or empty template`);
    const run = new Execution({
      trees: this.#trees,
      functions: this.#functions,
      missingKey: this.#missingKey,
      output,
      name,
      depth: 0,
      data,
    });
    try {
      run.walkAll(data, tree.nodes);
    } catch (error) {
      if (error instanceof ExecError) error.output = output.join('');
      throw error;
    }
    return output.join('');
  }
}

interface Context {
  trees: ReadonlyMap<string, { nodes: Node[]; source: string; parseName: string }>;
  functions: FunctionMap;
  missingKey: 'default' | 'zero' | 'error';
  output: string[];
  name: string;
  depth: number;
  data: unknown;
}

class Execution {
  readonly #context: Context;
  #variables: Variable[];
  /** What is being evaluated, for error texts. */
  #node: Operand | Command | Node | undefined;
  #written = 0;

  constructor(context: Context) {
    this.#context = context;
    this.#variables = [{ name: '$', value: context.data }];
  }

  #fail(message: string): never {
    const { name, trees } = this.#context;
    const { source, parseName } = trees.get(name)!;
    if (!this.#node) throw new ExecError(`template: ${name}: ${message}`);
    const before = source.slice(0, this.#node.position);
    const line = before.split('\n').length;
    const column = new TextEncoder().encode(before.slice(before.lastIndexOf('\n') + 1)).length;
    const text = [...printNode(this.#node)];
    const shown = text.length > 20 ? text.slice(0, 20).join('') + '...' : text.join('');
    throw new ExecError(`template: ${parseName}:${line}:${column}: executing ${quote(name)} at <${shown}>: ${message}`);
  }

  walkAll(dot: unknown, nodes: readonly Node[]): void {
    for (const node of nodes) this.#walk(dot, node);
  }

  #walk(dot: unknown, node: Node): void {
    this.#node = node;
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return;
      case 'action': {
        const value = this.#pipeline(dot, node.pipe);
        if (node.pipe.variables.length === 0) this.#print(value);
        return;
      }
      case 'if':
      case 'with': {
        const mark = this.#variables.length;
        const value = this.#pipeline(dot, node.pipe);
        if (isTrue(value)) this.walkAll(node.kind === 'with' ? value : dot, node.body);
        else if (node.otherwise) this.walkAll(dot, node.otherwise);
        this.#variables.length = mark;
        return;
      }
      case 'range':
        this.#range(dot, node);
        return;
      case 'template': {
        const tree = this.#context.trees.get(node.name);
        if (!tree) this.#fail(`template ${quote(node.name)} not defined`);
        if (this.#context.depth >= maxDepth) this.#fail(`exceeded maximum template depth (${maxDepth})`);
        const data = node.pipe ? this.#pipeline(dot, node.pipe) : undefined;
        new Execution({ ...this.#context, name: node.name, depth: this.#context.depth + 1, data }).walkAll(
          data,
          tree.nodes,
        );
        return;
      }
      case 'break':
        throw break_;
      case 'continue':
        throw continue_;
    }
  }

  #write(text: string): void {
    this.#written += text.length;
    if (this.#written > maxOutput) this.#fail('output is too large');
    this.#context.output.push(text);
  }

  #print(value: unknown): void {
    const kind = kindOf(value);
    this.#write(kind === 'invalid' || kind === 'nil' ? '<no value>' : formatValue(value));
  }

  #range(dot: unknown, node: RangeNode): void {
    const mark = this.#variables.length;
    const value = this.#pipeline(dot, node.pipe);
    const { variables, assigns } = node.pipe;
    const inner = this.#variables.length;
    const once = (key: unknown, element: unknown): boolean => {
      if (variables.length > 0) {
        const last = variables.length > 1 ? element : element;
        if (assigns) {
          if (variables.length > 1) {
            this.#assign(variables[0]!, key);
            this.#assign(variables[1]!, element);
          } else this.#assign(variables[0]!, last);
        } else {
          this.#variables[inner - 1]!.value = last;
          if (variables.length > 1) this.#variables[inner - 2]!.value = key;
        }
      }
      try {
        this.walkAll(element, node.body);
      } catch (signal) {
        if (signal === break_) return false;
        if (signal !== continue_) throw signal;
      } finally {
        this.#variables.length = inner;
      }
      return true;
    };

    let count = 0;
    switch (kindOf(value)) {
      case 'slice':
        for (const element of value as readonly unknown[]) if (!once(BigInt(count++), element)) break;
        break;
      case 'map': {
        const map = value as Readonly<Record<string, unknown>>;
        for (const key of sortedKeys(map)) {
          count++;
          if (!once(key, map[key])) break;
        }
        break;
      }
      case 'int':
        for (; BigInt(count) < (value as bigint);) if (!once(BigInt(count), BigInt(count++))) break;
        break;
      case 'nil':
      case 'invalid':
        break;
      default:
        this.#fail(`range can't iterate over ${formatValue(value)}`);
    }
    if (count === 0 && node.otherwise) this.walkAll(dot, node.otherwise);
    this.#variables.length = mark;
  }

  #assign(name: string, value: unknown): void {
    const variable = this.#variables.findLast((v) => v.name === name);
    if (!variable) this.#fail(`undefined variable: ${name}`);
    variable.value = value;
  }

  #pipeline(dot: unknown, pipe: Pipe): unknown {
    this.#node = pipe;
    let value: unknown;
    pipe.commands.forEach((command, i) => {
      value = this.#command(dot, command, i > 0 ? { value } : undefined);
    });
    for (const name of pipe.variables) {
      if (pipe.assigns) this.#assign(name, value);
      else this.#variables.push({ name, value });
    }
    return value;
  }

  #command(dot: unknown, command: Command, final: { value: unknown } | undefined): unknown {
    const first = command.operands[0]!;
    if (first.kind === 'identifier')
      return this.#call(dot, first.name, first, command, command.operands.slice(1), final);
    const isCallable = first.kind === 'field' || first.kind === 'variable' || first.kind === 'chain';
    if (command.operands.length > 1 || final) {
      this.#node = first;
      if (isCallable) {
        // Data has no methods, so a field with arguments can't be called; evaluating it may fail first.
        this.#operand(dot, first);
        this.#node = first;
        const name = 'names' in first ? first.names.at(-1)! : '';
        this.#fail(`${name} has arguments but cannot be invoked as function`);
      }
      this.#node = first.kind === 'pipe' ? command : first;
      this.#fail(
        `can't give argument to non-function ${printNode(first.kind === 'pipe' ? command.operands[0]! : first)}`,
      );
    }
    this.#node = first;
    if (first.kind === 'nil') this.#fail('nil is not a command');
    return this.#operand(dot, first);
  }

  #operand(dot: unknown, node: Operand): unknown {
    this.#node = node;
    switch (node.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'bool':
      case 'string':
      case 'number':
        return node.value;
      case 'field':
        return this.#fields(dot, node.names, node);
      case 'variable': {
        const variable = this.#variables.findLast((v) => v.name === node.names[0]);
        if (!variable) return this.#fail(`undefined variable: ${node.names[0]}`);
        return this.#fields(variable.value, node.names.slice(1), node);
      }
      case 'chain': {
        if (node.operand.kind === 'nil') this.#fail('indirection through explicit nil in ' + printNode(node));
        return this.#fields(this.#operand(dot, node.operand), node.names, node);
      }
      case 'pipe':
        return this.#pipeline(dot, node);
      case 'identifier':
        return this.#call(dot, node.name, node, node, [], undefined);
    }
  }

  #fields(receiver: unknown, names: readonly string[], node: Operand): unknown {
    let current = receiver;
    for (const name of names) {
      this.#node = node;
      switch (kindOf(current)) {
        case 'invalid':
          if (this.#context.missingKey === 'error') this.#fail(`nil data; no entry for key ${quote(name)}`);
          return undefined;
        case 'nil':
          return this.#fail(`nil pointer evaluating interface {}.${name}`);
        case 'map': {
          const value = entry(current as Record<string, unknown>, name);
          if (value === undefined && this.#context.missingKey === 'error')
            this.#fail(`map has no entry for key ${quote(name)}`);
          current = value === undefined && this.#context.missingKey === 'zero' ? null : value;
          break;
        }
        default: {
          const type = current === this.#context.data ? typeName(current) : 'interface {}';
          this.#fail(`can't evaluate field ${name} in type ${type}`);
        }
      }
    }
    return current;
  }

  #call(
    dot: unknown,
    name: string,
    identifier: Operand,
    command: Command | Operand,
    args: readonly Operand[],
    final: { value: unknown } | undefined,
  ): unknown {
    this.#node = identifier;
    const count = args.length + (final ? 1 : 0);
    if (name === 'and' || name === 'or') {
      if (count === 0) this.#fail(`wrong number of args for ${name}: want at least 1 got 0`);
      let value: unknown;
      for (const arg of args) {
        value = this.#operand(dot, arg);
        if (isTrue(value) === (name === 'or')) return value;
      }
      return final ? final.value : value;
    }
    const target: GoFunction | undefined = Object.hasOwn(this.#context.functions, name)
      ? own(this.#context.functions, name)
      : undefined;
    if (!target) return this.#fail(`${quote(name)} is not a defined function`);
    const [least, most] = target.arity;
    this.#node = command;
    if (count < least || count > most) {
      const want = most === Infinity ? `at least ${least}` : String(least);
      this.#fail(`wrong number of args for ${name}: want ${want} got ${count}`);
    }
    const values = args.map((arg, i) => {
      const value = this.#operand(dot, arg);
      this.#node = arg;
      return this.#checked(target, i, value);
    });
    this.#node = command;
    if (final) values.push(this.#checked(target, args.length, final.value));
    try {
      return (target.call as (...a: unknown[]) => unknown)(...values);
    } catch (error) {
      if (error instanceof ExecError || !(error instanceof Error)) throw error;
      this.#node = command;
      return this.#fail(`error calling ${name}: ${error.message}`);
    }
  }

  /** An argument as the declared parameter type takes it. */
  #checked(target: GoFunction, index: number, value: unknown): unknown {
    const parameters = target.parameters;
    const type = parameters?.[Math.min(index, parameters.length - 1)] ?? 'any';
    if (type === 'any') return value;
    const kind = kindOf(value);
    if (kind === 'invalid' || kind === 'nil') this.#fail(`invalid value; expected ${type}`);
    if (kind !== type) this.#fail(`wrong type for value; expected ${type}; got ${typeName(value)}`);
    return value;
  }
}

/** Parses and runs a template in one go. @throws ParseError, ExecError */
export function executeTemplate(name: string, source: string, data: unknown, options: TemplateOptions = {}): string {
  return new Template(name, options).parse(source).execute(data);
}
