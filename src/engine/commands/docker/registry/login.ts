import { LineReader, readAll } from '../../../world/index.ts';
import { hubServer } from '../client/config-file.ts';
import type { Command, Context } from '../framework/command.ts';
import { CliError, CliExit } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';

/** What credentials of a registry are kept under. */
export function serverOf(argument: string | undefined): string {
  if (argument === undefined || argument === '') return hubServer;
  const host = argument.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? hubServer : host;
}

/** A hint as the CLI writes it: in colours on a terminal. */
function hint(terminal: boolean, lines: readonly string[]): string {
  const [first = '', ...rest] = lines;
  if (!terminal) return ` Info -> ${[first, ...rest.map((line) => `         ${line}`)].join('\n')}\n`;
  const head = '\x1b[1m\x1b[106m\x1b[30mi\x1b[0m\x1b[0m \x1b[96mInfo → \x1b[0m\x1b[0m';
  return `${head}\x1b[3m${first}\x1b[0m\n${rest.map((line) => `         \x1b[3m${line}\x1b[0m\n`).join('')}`;
}

export const login: Command = {
  use: 'login [OPTIONS] [SERVER]',
  short: 'Authenticate to a registry',
  group: 'common',
  args: [0, 1],
  flags: [
    flag('password,p', 'string', 'Password or access token'),
    flag('password-stdin', 'bool', 'Read the password from STDIN'),
    flag('username,u', 'string', 'User name'),
  ],
  run: async (context) => {
    const { args, config, err, flags, process } = context;
    let password = flags.string('password');
    let username = flags.string('username');
    if (flags.given('password')) {
      if (flags.bool('password-stdin'))
        throw new CliError('conflicting options: cannot specify both --password and --password-stdin');
      await err('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
    }
    if (flags.bool('password-stdin')) {
      if (username === '') throw new CliError('the --password-stdin option requires --username to be set');
      password = new TextDecoder().decode(await readAll(process.stdin, process.cancel)).replace(/\r?\n$/, '');
    }
    const server = serverOf(args[0]);
    const stored = config.credentials(server);
    if (username === '' && password === '' && stored) {
      const terminal = process.isatty.stderr;
      await err(`Authenticating with existing credentials... [Username: ${stored.username}]\n\n`);
      await err(
        `${hint(terminal, ["To login with a different account, run 'docker logout' followed by 'docker login'"])}\n\n`,
      );
      await authenticate(context, server, stored.username, stored.password);
      return context.out('Login Succeeded\n');
    }
    if (username === '' || password === '') {
      if (!process.isatty.stdin) throw new CliError('Error: Cannot perform an interactive login from a non TTY device');
      if (server === hubServer && username === '' && password === '') return deviceLogin(context);
      ({ username, password } = await ask(context, server, username, password));
    }
    await authenticate(context, server, username, password);
    await store(context, server, username, password, stored !== undefined);
    await context.out('Login Succeeded\n');
  },
};

async function ask(
  { err, out, process }: Context,
  server: string,
  username: string,
  password: string,
): Promise<{ username: string; password: string }> {
  const { tty } = process;
  const lines = new LineReader(process.stdin);
  let user = username;
  if (user === '') {
    await out('Username: ');
    user = ((await lines.next(process.cancel)) ?? '').trim();
    if (user === '') throw new CliError('Error: Non-null Username Required');
  } else if (server === hubServer)
    await out(
      `\n${hint(true, ['A Personal Access Token (PAT) can be used instead.', 'To create a PAT, visit \x1b[4mhttps://app.docker.com/settings\x1b[0m', '', ''])}`,
    );
  let secret = password;
  if (secret === '') {
    await out('Password: ');
    if (tty) tty.echo = false;
    try {
      secret = (await lines.next(process.cancel)) ?? '';
    } finally {
      if (tty) tty.echo = true;
    }
    await out('\n');
    if (secret === '') throw new CliError('Error: Password Required');
  }
  void err;
  return { username: user, password: secret };
}

async function authenticate({ client }: Context, server: string, username: string, password: string): Promise<void> {
  await client.json('POST', '/auth', { body: { username, password, serveraddress: server } });
}

async function store(
  { config, err }: Context,
  server: string,
  username: string,
  password: string,
  known: boolean,
): Promise<void> {
  config.store(server, username, password);
  if (known) return;
  await err(
    `\nWARNING! Your credentials are stored unencrypted in '${config.path}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n`,
  );
}

/** Without a user name Docker Hub is logged in to in the browser; nobody ever confirms it here. */
async function deviceLogin({ client, err, process }: Context): Promise<void> {
  await client.ping();
  const random = process.world.random.stream('docker login');
  const part = () => Array.from({ length: 4 }, () => 'BCDFGHJKLMNPQRSTVWXZ'[random.int(20)]).join('');
  await err('\x1b[1m\nUSING WEB-BASED LOGIN\x1b[0m\n\n');
  await err(
    `${hint(true, ["To sign in with credentials on the command line, use 'docker login -u <username>'", ''])}\n`,
  );
  await err(
    `Your one-time device confirmation code is: \x1b[1m${part()}-${part()}\n\x1b[0m\x1b[1mPress ENTER\x1b[0m to open your browser or submit your device code here: \x1b[4mhttps://login.docker.com/activate\n\x1b[0m\nWaiting for authentication in the browser…\n`,
  );
  let cancelled = false;
  process.onSignal('SIGINT', () => (cancelled = true));
  while (!cancelled) await process.sleep(100);
  await err('login canceled\n');
  throw new CliExit(1);
}

export const logout: Command = {
  use: 'logout [SERVER]',
  short: 'Log out from a registry',
  group: 'common',
  args: [0, 1],
  run: async ({ args, config, out }) => {
    const server = serverOf(args[0]);
    await out(`Removing login credentials for ${server}\n`);
    config.erase(server);
  },
};
