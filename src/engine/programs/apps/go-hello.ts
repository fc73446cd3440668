import {
  AddressInUse,
  httpSocket,
  requestTarget,
  textResponse,
  untilSignal,
  whileListening,
} from '../servers/service.ts';
import { goLogStamp, listenAddress, type LessonApp } from './app.ts';

/** A small web server in Go: says who it is, takes its port from the environment, ends in peace. */
export const goHello: LessonApp = {
  name: 'hello',
  language: 'go',
  main: 'main.go',
  packages: [],
  network: true,
  memory: 6,
  files: {
    'main.go': `package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	port := os.Getenv("«portVariable:PORT»")
	if port == "" {
		port = "«port:8080»"
	}
	hostname, _ := os.Hostname()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "«greeting:Hello from» %s\\n", hostname)
	})
	http.HandleFunc("«health:/healthz»", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	server := &http.Server{Addr: "«host:»:" + port}
	go func() {
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
		<-stop
		log.Println("«stopping:shutting down»")
		ctx, cancel := context.WithTimeout(context.Background(), «grace:5»*time.Second)
		defer cancel()
		server.Shutdown(ctx)
	}()
	log.Printf("listening on port %s", port)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}
`,
    'go.mod': 'module hello\n\ngo 1.22\n',
  },
  async run(process, values) {
    const port = process.env.get(values.get('portVariable')!) || values.get('port')!;
    const log = (text: string) => process.printError(`${goLogStamp(process)}${text}\n`);
    await log(`listening on port ${port}`);
    const at = listenAddress(`${values.get('host')}:${port}`);
    if (!at || at.port > 65_535) return (await log(`listen tcp: address ${port}: invalid port`), 1);
    const handler: Parameters<typeof httpSocket>[1] = (request) =>
      textResponse(
        200,
        requestTarget(request).path === values.get('health')
          ? 'ok\n'
          : `${values.get('greeting')} ${process.machine.hostname}\n`,
      );
    try {
      return await whileListening(process, [{ ...httpSocket(at.port, handler), address: at.address }], async () => {
        await untilSignal(process, ['SIGTERM', 'SIGINT']);
        await log(values.get('stopping')!);
        return 0;
      });
    } catch (error) {
      if (!(error instanceof AddressInUse)) throw error;
      return (await log(`listen tcp ${values.get('host')}:${port}: bind: address already in use`), 1);
    }
  },
};
