import { SqlError } from '../sql/error.ts';
import { connectMysql } from '../servers/mysql/connect.ts';
import { AddressInUse, httpSocket, requestTarget, textResponse, whileListening } from '../servers/service.ts';
import { FsError } from '../../world/index.ts';
import { goLogStamp, listenAddress, type LessonApp } from './app.ts';
import { parseToml } from './toml.ts';

/** The Docker course's application: a web server in Go that reads config.toml and asks MySQL. */
export const goRecommendations: LessonApp = {
  name: 'recommendations',
  language: 'go',
  main: 'main.go',
  packages: ['github.com/BurntSushi/toml', 'github.com/go-sql-driver/mysql'],
  network: true,
  memory: 11,
  files: {
    'main.go': `package main

import (
	"database/sql"
	"fmt"
	"log"
	"net/http"

	"github.com/BurntSushi/toml"
	_ "github.com/go-sql-driver/mysql"
)

type Config struct {
	Mysql struct {
		Database string
		IP       string
		Password string
		Port     int
		User     string
	}
}

func main() {
	var config Config
	if _, err := toml.DecodeFile("«file:config.toml»", &config); err != nil {
		log.Fatal(err)
	}
	c := config.Mysql
	dsn := fmt.Sprintf("%s:%s@tcp(%s:%d)/%s", c.User, c.Password, c.IP, c.Port, c.Database)
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		log.Fatal(err)
	}
	if err := db.Ping(); err != nil {
		log.Fatal(err)
	}
	log.Printf("«connected:connected to» %s", c.Database)
	_, err = db.Exec("CREATE TABLE IF NOT EXISTS visits (id INT AUTO_INCREMENT PRIMARY KEY, path VARCHAR(200))")
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := db.Exec("INSERT INTO visits (path) VALUES (?)", r.URL.Path); err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		if err := db.QueryRow("SELECT COUNT(*) FROM visits").Scan(&n); err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		fmt.Fprintf(w, "«greeting:Hello! You are visitor number» %d.\\n", n)
	})
	log.Printf("listening on %s", "«address::8080»")
	log.Fatal(http.ListenAndServe("«address2::8080»", nil))
}
`,
    'go.mod':
      'module recommendations\n\ngo 1.16\n\nrequire (\n\tgithub.com/BurntSushi/toml v1.2.1\n\tgithub.com/go-sql-driver/mysql v1.7.1\n)\n',
    'go.sum':
      'github.com/BurntSushi/toml v1.2.1 h1:9F2/+DoOYIOksmaJFPw1tGFy1eDnIJXg+UHjuD8lTak=\ngithub.com/BurntSushi/toml v1.2.1/go.mod h1:CxXYINrC8qIiEnFrOxCa7Jy5BFHlXnUU2pbicEuybxQ=\ngithub.com/go-sql-driver/mysql v1.7.1 h1:lUIinVbN1DY0xBg0eMOzmmtGoHwWBbvnWubQUrtU8EI=\ngithub.com/go-sql-driver/mysql v1.7.1/go.mod h1:OXbVy3sEdcQ2Doequ6Z5BW6fXNQTmx+9S1MCJN5yJMI=\n',
    'config.toml':
      '[mysql]\n  database = "PersonalizedRecommendationSystem"\n  ip = "mymysql"\n  password = "12345678"\n  port = 3306\n  user = "root"\n',
  },
  async run(process, values) {
    const log = (text: string) => process.printError(`${goLogStamp(process)}${text}\n`);
    const fatal = async (text: string) => (await log(text), 1);
    const path = values.get('file')!;
    let config: Record<string, string | number>;
    try {
      const parsed = parseToml(process.machine.fs.readText(process.path(path)));
      if ('problem' in parsed) return await fatal(`toml: ${parsed.problem}`);
      config = parsed.tables['mysql'] ?? {};
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return fatal(`open ${path}: no such file or directory`);
    }
    const text = (name: string) => String(config[name] ?? '');
    const open = () =>
      openDatabase(process, {
        host: text('ip'),
        port: Number(config['port'] ?? 0),
        user: text('user'),
        password: text('password'),
        database: text('database'),
      });
    const query = async (sql: string) => {
      const connection = await open();
      try {
        return await connection.query(sql);
      } finally {
        connection.close();
      }
    };
    try {
      (await open()).close();
      await log(`${values.get('connected')} ${text('database')}`);
      await query('CREATE TABLE IF NOT EXISTS visits (id INT AUTO_INCREMENT PRIMARY KEY, path VARCHAR(200))');
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      return fatal(error.message);
    }
    await log(`listening on ${values.get('address')}`);
    const at = listenAddress(values.get('address2')!);
    if (!at) return fatal(`listen tcp: address ${values.get('address2')}: missing port in address`);
    const handler: Parameters<typeof httpSocket>[1] = async (request) => {
      try {
        await query(`INSERT INTO visits (path) VALUES ('${requestTarget(request).path.replace(/[\\']/g, '\\$&')}')`);
        const result = await query('SELECT COUNT(*) FROM visits');
        return textResponse(200, `${values.get('greeting')} ${result.rows?.[0]?.[0]}.\n`);
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        return textResponse(500, `${error.message}\n`);
      }
    };
    try {
      return await whileListening(process, [{ ...httpSocket(at.port, handler), address: at.address }], async () => {
        for (;;) await process.sleep(86_400_000);
      });
    } catch (error) {
      if (!(error instanceof AddressInUse)) throw error;
      return fatal(`listen tcp ${values.get('address2')}: bind: address already in use`);
    }
  },
};

/** A connection as go-sql-driver makes it. @throws SqlError with Go's texts */
async function openDatabase(
  process: Parameters<LessonApp['run']>[0],
  {
    host,
    port,
    user,
    password,
    database,
  }: { host: string; port: number; user: string; password: string; database: string },
) {
  try {
    return await connectMysql(process, {
      host: host === 'localhost' ? '127.0.0.1' : host,
      port,
      user,
      password,
      database,
      socket: '',
      client: 'MySQL',
    });
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (error.code === 2005) {
      const server =
        /nameserver\s+(\S+)/.exec(
          process.machine.fs.exists('/etc/resolv.conf') ? process.machine.fs.readText('/etc/resolv.conf') : '',
        )?.[1] ?? '127.0.0.1';
      throw new SqlError(
        0,
        '',
        `dial tcp: lookup ${host} on ${server}:53: ${/-3/.test(error.message) ? 'i/o timeout' : 'no such host'}`,
      );
    }
    if (error.code === 2003) {
      const why = /110/.test(error.message)
        ? 'i/o timeout'
        : /113/.test(error.message)
          ? 'connect: no route to host'
          : 'connect: connection refused';
      throw new SqlError(0, '', `dial tcp ${host}:${port}: ${why}`);
    }
    throw new SqlError(
      error.code,
      error.state,
      `Error ${error.code}${error.state ? ` (${error.state})` : ''}: ${error.message}`,
    );
  }
}
