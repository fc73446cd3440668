import { caCertificate, clientCertificate, clientKey } from './certificates.ts';

/** Bearer token that stands for the administrator, on the bridge and in the page. */
export const adminToken = 'admin-token';

/**
 * A kubeconfig as kind writes it: cluster, context and user have one name; keys sorted. The credentials are the public
 * development ones.
 */
export function kubeconfigText(server: string, name: string, options: { tokenUser?: boolean } = {}): string {
  const token = options.tokenUser ? `- name: admin-token\n  user:\n    token: ${adminToken}\n` : '';
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(caCertificate)}
    server: ${server}
  name: ${name}
contexts:
- context:
    cluster: ${name}
    user: ${name}
  name: ${name}
current-context: ${name}
kind: Config
users:
- name: ${name}
  user:
    client-certificate-data: ${base64(clientCertificate)}
    client-key-data: ${base64(clientKey)}
${token}`;
}

/** For ASCII text. */
function base64(text: string): string {
  return btoa(text);
}
