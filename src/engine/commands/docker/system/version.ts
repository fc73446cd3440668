import { ExecError, ParseError, Template } from '../../../gotemplate/index.ts';
import { versions } from '../../../world/index.ts';
import type { Command, Context } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { goJson, templateFunctions } from '../framework/format.ts';
import { goValue } from './inspect-objects.ts';

export const clientInfo = {
  goVersion: 'go1.24.3',
  commit: 'e6534b4',
  built: 'Fri May 30 12:07:14 2025',
};

export interface ServerVersion {
  Platform: { Name: string };
  Version: string;
  ApiVersion: string;
  MinAPIVersion: string;
  Components: { Name: string; Version: string; Details: Record<string, string> }[];
  [field: string]: unknown;
}

/** What `docker --version` prints. */
export function versionLine(): string {
  return `Docker version ${versions.dockerCli}, build ${clientInfo.commit}\n`;
}

function clientText(context: Context): string {
  return (
    `Client:\n Version:           ${versions.dockerCli}\n API version:       ${versions.dockerApi}\n Go version:        ${clientInfo.goVersion}\n` +
    ` Git commit:        ${clientInfo.commit}\n Built:             ${clientInfo.built}\n OS/Arch:           linux/amd64\n` +
    ` Context:           ${context.globals.string('context') || context.config.currentContext || 'default'}\n`
  );
}

function serverText(server: ServerVersion): string {
  let text = `\nServer:${server.Platform.Name ? ` ${server.Platform.Name}` : ''}\n`;
  for (const { Name, Version, Details: d } of server.Components) {
    const lines: [string, string][] =
      Name === 'Engine'
        ? [
            ['Version', Version],
            ['API version', `${d.ApiVersion} (minimum version ${d.MinAPIVersion})`],
            ['Go version', d.GoVersion ?? ''],
            ['Git commit', d.GitCommit ?? ''],
            ['Built', d.BuildTime ?? ''],
            ['OS/Arch', `${d.Os}/${d.Arch}`],
            ['Experimental', d.Experimental ?? ''],
          ]
        : [
            ['Version', Version],
            ['GitCommit', d.GitCommit ?? ''],
          ];
    text += ` ${Name}:\n${lines.map(([name, value]) => `  ${`${name}:`.padEnd(18)}${value}\n`).join('')}`;
  }
  return text;
}

export const version: Command = {
  use: 'version [OPTIONS]',
  short: 'Show the Docker version information',
  group: 'common',
  args: [0, 0],
  flags: [flag('format,f', 'string', 'json or a template')],
  run: async (context) => {
    const { client, flags, out } = context;
    const format = flags.string('format');
    let template: Template | undefined;
    if (format !== '' && format !== 'json')
      try {
        template = new Template('version', { functions: templateFunctions, missingKey: 'error' }).parse(format);
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        throw new CliError(`template parsing error: ${error.message}`, 64);
      }
    let server: ServerVersion | undefined;
    let failure: CliError | undefined;
    try {
      server = await client.json<ServerVersion>('GET', '/version');
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failure = error;
    }
    if (format === '') await out(clientText(context) + (server ? serverText(server) : ''));
    else {
      const data = {
        Client: {
          Version: versions.dockerCli,
          ApiVersion: versions.dockerApi,
          DefaultAPIVersion: versions.dockerApi,
          GitCommit: clientInfo.commit,
          GoVersion: clientInfo.goVersion,
          Os: 'linux',
          Arch: 'amd64',
          BuildTime: clientInfo.built,
          Context: 'default',
        },
        Server: server ? serverFields(server) : null,
      };
      if (!template) await out(`${goJson(data)}\n`);
      else
        try {
          await out(`${template.execute(goValue(data))}\n`);
        } catch (error) {
          if (!(error instanceof ExecError)) throw error;
          await out('\n');
          throw new CliError(
            error.message.replace(
              /map has no entry for key "([^"]+)"/,
              (_, name: string) => `can't evaluate field ${name} in type system.versionInfo`,
            ),
          );
        }
    }
    if (failure) throw failure;
  },
};

function serverFields(server: ServerVersion): Record<string, unknown> {
  const {
    Platform,
    Components,
    Version,
    ApiVersion,
    MinAPIVersion,
    GitCommit,
    GoVersion,
    Os,
    Arch,
    KernelVersion,
    BuildTime,
  } = server;
  return {
    Platform,
    Components,
    Version,
    ApiVersion,
    MinAPIVersion,
    GitCommit,
    GoVersion,
    Os,
    Arch,
    KernelVersion,
    BuildTime,
  };
}
