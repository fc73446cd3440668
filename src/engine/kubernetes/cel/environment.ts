import type { Environment } from '@marcbachmann/cel-js';
import { celJs } from './cel-js.ts';
import { compileErrorText, isLocated, type Located } from './compile-error.ts';
import { registerLists } from './library/lists.ts';
import { registerNetwork } from './library/network.ts';
import { registerQuantities } from './library/quantity.ts';
import { registerStrings } from './library/strings.ts';
import { registerTwoVariables } from './library/two-variables.ts';

/** CEL as Kubernetes speaks it: cel-js with the functions of k8s.io/apiserver/pkg/cel/library. */

export type CelVariables = Record<string, unknown>;

/** An expression that can be evaluated. */
export interface CelProgram {
  readonly expression: string;
  /** CEL's name of its type; `dyn` where only the value tells. */
  readonly type: string;
  /** The library's syntax tree. */
  readonly ast: { readonly op: string; readonly args: unknown };
  /** @throws CelError */
  evaluate(variables: CelVariables): unknown;
}

/** What is wrong with an expression, or went wrong with it, in cel-go's words where there are the same. */
export class CelError extends Error {
  override name = 'CelError';
  /** What the library found, for those who must know more than the words. */
  readonly found: Located | undefined;

  constructor(message: string, found?: Located) {
    super(message);
    this.found = found;
  }
}

/** Longest expression in AST nodes and nesting that is taken. */
const limits = { maxAstNodes: 20_000, maxDepth: 100 };

export class CelEnvironment {
  readonly #registrations: ((environment: Environment) => void)[];
  readonly #programs = new Map<string, CelProgram>();
  #environment: Environment | undefined;

  /** @param variables names that expressions may use; their types are found out at run time */
  constructor(variables: readonly string[]) {
    this.#registrations = [
      (environment) => variables.forEach((name) => environment.registerVariable(name, 'dyn')),
      registerLists,
      registerStrings,
      registerQuantities,
      registerNetwork,
      registerTwoVariables,
    ];
  }

  /** For what only some environments have. */
  extend(register: (environment: Environment) => void): this {
    this.#registrations.push(register);
    return this;
  }

  /** Made when it is needed first. */
  get #made(): Environment {
    if (!this.#environment) {
      const { Environment } = celJs();
      const options = { enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits };
      this.#environment = new Environment(options);
      for (const register of this.#registrations) register(this.#environment);
    }
    return this.#environment;
  }

  /** Parses and checks; the same expression only once. @throws CelError */
  compile(expression: string): CelProgram {
    let program = this.#programs.get(expression);
    if (!program) {
      program = this.#compile(expression);
      // Expressions come from a handful of policies; the bound keeps hostile input from filling the memory.
      if (this.#programs.size > 1000) this.#programs.clear();
      this.#programs.set(expression, program);
    }
    return program;
  }

  #compile(expression: string): CelProgram {
    try {
      const parsed = this.#made.parse(expression);
      const check = parsed.check();
      if (!check.valid) throw check.error;
      const evaluate = (variables: CelVariables): unknown => {
        try {
          return parsed(variables) as unknown;
        } catch (error) {
          throw new CelError(evaluationText(error));
        }
      };
      return { expression, type: String(check.type), ast: parsed.ast, evaluate };
    } catch (error) {
      if (!isLocated(error)) throw error;
      throw new CelError(compileErrorText(expression, error), error);
    }
  }
}

function evaluationText(error: unknown): string {
  // Functions of the library throw plain errors; anything else would be a fault of ours.
  if (!isLocated(error)) return error instanceof Error ? error.message : String(error);
  const summary = error.summary ?? error.message;
  const [, index] = /index out of bounds, index (\d+)/.exec(summary) ?? [];
  if (index !== undefined) return `index out of bounds: ${index}`;
  return summary.replace(/^No such key/, 'no such key').replace(/^found no matching overload.*/, 'no such overload');
}
