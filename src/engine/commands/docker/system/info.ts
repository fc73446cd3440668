import { ExecError, ParseError, Template } from '../../../gotemplate/index.ts';
import { bytesSize, versions } from '../../../world/index.ts';
import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { goJson, templateFunctions } from '../framework/format.ts';
import { goValue } from './inspect-objects.ts';

type Info = Record<string, unknown>;

const plugins = [
  {
    Name: 'buildx',
    Vendor: 'Docker Inc.',
    Version: 'v0.29.1',
    Path: '/usr/libexec/docker/cli-plugins/docker-buildx',
    ShortDescription: 'Docker Buildx',
  },
  {
    Name: 'compose',
    Vendor: 'Docker Inc.',
    Version: 'v2.40.3',
    Path: '/usr/libexec/docker/cli-plugins/docker-compose',
    ShortDescription: 'Docker Compose',
  },
];

export const info: Command = {
  use: 'info [OPTIONS]',
  short: 'Display system-wide information',
  group: 'common',
  args: [0, 0],
  flags: [flag('format,f', 'string', 'json or a template')],
  run: async (context) => {
    const { client, flags, globals, out } = context;
    const format = flags.string('format');
    let server: Info | undefined;
    let failure: CliError | undefined;
    try {
      server = await client.json<Info>('GET', '/info');
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failure = error;
    }
    if (format === '') await out(clientText(globals.bool('debug')) + (server ? serverText(server) : '\nServer:\n'));
    else if (server) {
      const data = {
        ...server,
        ClientInfo: { Debug: globals.bool('debug'), Context: 'default', Plugins: plugins, Warnings: null },
      };
      if (format === 'json') await out(`${goJson(data)}\n`);
      else
        try {
          await out(
            `${new Template('', { functions: templateFunctions, missingKey: 'error' }).parse(format).execute(goValue(data))}\n`,
          );
        } catch (error) {
          if (error instanceof ParseError) throw new CliError(`template parsing error: ${error.message}`, 64);
          if (!(error instanceof ExecError)) throw error;
          throw new CliError(
            error.message.replace(
              /map has no entry for key "([^"]+)"/,
              (_, name: string) => `can't evaluate field ${name} in type system.dockerInfo`,
            ),
          );
        }
    }
    if (failure) throw failure;
  },
};

function clientText(debug: boolean): string {
  return (
    `Client:\n Version:    ${versions.dockerCli}\n Context:    default\n Debug Mode: ${debug}\n Plugins:\n` +
    plugins
      .map(
        (p) =>
          `  ${p.Name}: ${p.ShortDescription} (${p.Vendor})\n    Version:  ${p.Version}\n    Path:     ${p.Path}\n`,
      )
      .join('')
  );
}

function serverText(info: Info): string {
  const names = info.Plugins as Record<string, string[] | null>;
  const security = info.SecurityOptions as string[];
  const commit = (name: string) => (info[name] as { ID: string }).ID;
  const lines = [
    '',
    'Server:',
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Paused: ${info.ContainersPaused}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ` Server Version: ${info.ServerVersion}`,
    ` Storage Driver: ${info.Driver}`,
    ...(info.DriverStatus as [string, string][]).map(([name, value]) => `  ${name}: ${value}`),
    ` Logging Driver: ${info.LoggingDriver}`,
    ` Cgroup Driver: ${info.CgroupDriver}`,
    ` Cgroup Version: ${info.CgroupVersion}`,
    ' Plugins:',
    `  Volume: ${names.Volume!.join(' ')}`,
    `  Network: ${names.Network!.join(' ')}`,
    `  Log: ${names.Log!.join(' ')}`,
    ' CDI spec directories:',
    ...(info.CDISpecDirs as string[]).map((directory) => `  ${directory}`),
    ' Swarm: inactive',
    ` Runtimes: ${Object.keys(info.Runtimes as object).join(' ')}`,
    ` Default Runtime: ${info.DefaultRuntime}`,
    ` Init Binary: ${info.InitBinary}`,
    ` containerd version: ${commit('ContainerdCommit')}`,
    ` runc version: ${commit('RuncCommit')}`,
    ` init version: ${commit('InitCommit')}`,
    ' Security Options:',
    ...security.flatMap((option) => {
      const [name = '', ...rest] = option.split(',').map((part) => part.split('=')[1] ?? '');
      return [`  ${name}`, ...rest.map((value) => `   Profile: ${value}`)];
    }),
    ` Kernel Version: ${info.KernelVersion}`,
    ` Operating System: ${info.OperatingSystem}`,
    ` OSType: ${info.OSType}`,
    ` Architecture: ${info.Architecture}`,
    ` CPUs: ${info.NCPU}`,
    ` Total Memory: ${bytesSize(Number(info.MemTotal))}`,
    ` Name: ${info.Name}`,
    ` ID: ${info.ID}`,
    ` Docker Root Dir: ${info.DockerRootDir}`,
    ' Debug Mode: false',
    ' Experimental: false',
    ' Insecure Registries:',
    ...(info.RegistryConfig as { InsecureRegistryCIDRs: string[] }).InsecureRegistryCIDRs.map((cidr) => `  ${cidr}`),
    ' Live Restore Enabled: false',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
