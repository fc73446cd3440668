import { toYaml } from '../../../yaml/index.ts';
import { NotSimulated } from '../framework/errors.ts';
import { emptyConfig, loadConfig, mergeConfigs, type TransformerConfig } from './config.ts';
import { goQuote, KustomizeError, MalformedYaml, withPrefix } from './error.ts';
import { generate } from './generators.ts';
import type { Json } from './json.ts';
import { readKustomization, type Kustomization } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { prepareJson6902, preparePatch, prepareStrategicMerges, type Transform } from './patches.ts';
import { readResources } from './read.ts';
import { applyReplacement, readReplacements } from './replacements.ts';
import { ResourceSet } from './resource-set.ts';
import {
  addAffix,
  addEntries,
  addLabels,
  refusePlugins,
  setImages,
  setNamespace,
  setReplicas,
} from './transformers.ts';
import { goVar, Vars } from './vars.ts';

/** What a kustomization and those below it have come to. */
export class Accumulated {
  readonly set = new ResourceSet();
  config: TransformerConfig = emptyConfig;
  readonly vars = new Vars();

  merge(other: Accumulated): void {
    this.set.addAll(other.set.all);
    this.config = mergeConfigs(this.config, other.config);
    this.vars.merge(other.vars.all);
  }
}

/** One kustomization being built (kustomize's KustTarget). */
export class Target {
  readonly kustomization: Kustomization;
  readonly #loader: Loader;
  readonly #warn: (line: string) => void;

  /** @throws KustomizeError if its file can't be read */
  constructor(loader: Loader, warn: (line: string) => void) {
    this.#loader = loader;
    this.#warn = warn;
    this.kustomization = readKustomization(loader, warn);
    this.#checkSchema();
  }

  /** @param into what a component adds to */
  accumulate(into = new Accumulated()): Accumulated {
    const { kustomization } = this;
    refusePlugins(kustomization);
    let state = into;
    withPrefix('accumulating resources', () =>
      kustomization.resources.forEach((path) => this.#addResource(state, path)),
    );
    state.config = mergeConfigs(state.config, loadConfig(this.#loader, kustomization.configurations ?? []));
    this.#readCrds();
    this.#generate(state);
    state = withPrefix('accumulating components', () =>
      (kustomization.components ?? []).reduce((s, path) => this.#addComponent(s, path), state),
    );
    for (const transform of this.#transforms(state.config)) transform(state.set);
    const { vars = [] } = kustomization;
    const shown = vars.map((v) => goVar(v, false)).join(' ');
    withPrefix(`merging vars [${shown}]`, () => state.vars.add(vars, state.set));
    return state;
  }

  #addResource(state: Accumulated, path: string): void {
    try {
      this.#addFile(state, path);
    } catch (error) {
      if (!(error instanceof KustomizeError)) throw error;
      const base = this.#directory(path, error);
      withPrefix(`accumulation err='${error.message}'`, () => {
        const below = this.#below(base, false);
        withPrefix(`recursed merging from path '${base.root}'`, () => state.merge(below));
      });
    }
  }

  #addFile(state: Accumulated, path: string): void {
    const resources = withPrefix(`accumulating resources from '${path}'`, () => {
      const text = this.#loader.loadText(path);
      try {
        return readResources(text);
      } catch (error) {
        if (error instanceof MalformedYaml)
          throw new MalformedYaml(`MalformedYAMLError: ${error.message} in File: ${path}`);
        throw error;
      }
    });
    withPrefix(`merging resources from '${path}'`, () => state.set.addAll(resources));
  }

  /** What is no file of resources may be a kustomization. */
  #directory(path: string, asFile: KustomizeError): Loader {
    try {
      return this.#loader.directory(path);
    } catch (error) {
      if (!(error instanceof KustomizeError)) throw error;
      if (asFile instanceof MalformedYaml) throw asFile;
      throw new KustomizeError(`accumulation err='${asFile.message}': ${error.message}`);
    }
  }

  /** Builds another directory. A component goes on with what there is. */
  #below(loader: Loader, component: boolean, into?: Accumulated): Accumulated {
    const target = withPrefix(`couldn't make target for path '${loader.root}'`, () => new Target(loader, this.#warn));
    const { kind } = target.kustomization;
    if (component && kind !== 'Component')
      throw new KustomizeError(`expected kind 'Component' for path '${loader.root}' but got '${kind}'`);
    if (!component && kind === 'Component')
      throw new KustomizeError(`expected kind != 'Component' for path '${loader.root}'`);
    return withPrefix(`recursed accumulation of path '${loader.root}'`, () => target.accumulate(into));
  }

  #addComponent(state: Accumulated, path: string): Accumulated {
    const quoted = <T>(what: string, step: () => T): T => {
      try {
        return step();
      } catch (error) {
        if (error instanceof KustomizeError) throw new KustomizeError(`${what} ${goQuote(error.message)}`);
        throw error;
      }
    };
    const loader = quoted('loader.New', () => this.#loader.directory(path));
    return quoted('accumulateDirectory:', () => this.#below(loader, true, state));
  }

  #generate(state: Accumulated): void {
    const { configMapGenerator = [], secretGenerator = [], generatorOptions, helmCharts = [] } = this.kustomization;
    const made = [
      ...configMapGenerator.map((args) => generate('ConfigMap', args, generatorOptions, this.#loader)),
      ...secretGenerator.map((args) => generate('Secret', args, generatorOptions, this.#loader)),
    ];
    const [chart] = [...helmCharts, ...(this.kustomization.helmChartInflationGenerator ?? []).map(oldChart)];
    if (chart)
      throw new KustomizeError(
        `trouble configuring builtin HelmChartInflationGenerator with config: \`\n${toYaml(chart)}\`: must specify --enable-helm`,
      );
    // The real program shows a generator by its address, which is another one each time.
    for (const resource of made)
      withPrefix('merging from generator &{0xc000000000 <nil>}', () => state.set.absorb(resource));
  }

  /** In the order in which kustomize transforms, whatever the order in the file. */
  #transforms(config: TransformerConfig): Transform[] {
    const k = this.kustomization;
    const loader = this.#loader;
    const replacements = readReplacements(k, loader);
    return [
      ...(k.patchesStrategicMerge?.length ? [prepareStrategicMerges(k.patchesStrategicMerge, loader)] : []),
      ...(k.patches ?? []).map((patch) => preparePatch(patch, loader)),
      (set) => k.namespace && setNamespace(set, k.namespace, config.namespace),
      (set) => addAffix(set, 'prefix', k.namePrefix ?? '', config.namePrefix),
      (set) => addAffix(set, 'suffix', k.nameSuffix ?? '', config.nameSuffix),
      (set) => addLabels(set, k, config),
      (set) => addEntries(set, k.commonAnnotations ?? {}, config.commonAnnotations),
      ...(k.patchesJson6902 ?? []).map((patch) => prepareJson6902(patch, loader)),
      ...(k.replicas ?? []).map((replica) => (set: ResourceSet) => setReplicas(set, replica, config.replicas)),
      ...k.images.map((image) => (set: ResourceSet) => setImages(set, image, config.images)),
      ...replacements.map((replacement) => (set: ResourceSet) => applyReplacement(set, replacement)),
    ];
  }

  /** An OpenAPI document of one's own tells how lists merge; the built-in one is always the same here. */
  #checkSchema(): void {
    const { openapi } = this.kustomization;
    if (openapi?.['path'] !== undefined) {
      this.#loader.load(openapi['path']);
      throw new NotSimulated('openapi in a kustomization');
    }
    if (openapi?.['version'] !== undefined && openapi['version'] !== 'v1.21.2')
      throw new KustomizeError('the specified OpenAPI version is not built in');
  }

  #readCrds(): void {
    const { crds = [] } = this.kustomization;
    if (crds.length === 0) return;
    withPrefix(`loading CRDs [${crds.join(' ')}]`, () => {
      for (const path of crds) this.#loader.load(path);
    });
    throw new NotSimulated('crds in a kustomization');
  }
}

function oldChart(args: Json): Json {
  const names: Record<string, string> = {
    chartName: 'name',
    chartVersion: 'version',
    chartRepoUrl: 'repo',
    values: 'valuesFile',
    valuesLocal: 'valuesInline',
    releaseNamespace: 'namespace',
  };
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [names[key] ?? key, value]));
}
