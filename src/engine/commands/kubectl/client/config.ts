export interface ClientConfig {
  readonly server: string;
}
