import type { TlsOptions } from "../../../packages/zmtp/src/transport/tls-options.js";

/**
 * A key that is no secret, and a certificate signed by itself for localhost, 127.0.0.1 and ::1, good for a hundred years:
 *
 *     openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -keyout key.pem -out cert.pem
 *       -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1 -addext basicConstraints=critical,CA:TRUE
 */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrCBqo+jD6Epg+712
4qTPk1YVVMtj+pUQiQGVBuTikVihRANCAAR1zBAqDpMz/6q1OsbZ6/QWzu/c7Exi
HJcJ9URUrBO3ZD3cXJ1dDwETOC6NVeXpIqdPOohdN5VBs9y3Fl9wGGMs
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBrzCCAVSgAwIBAgIUbOvY8DExTz0IgSgvyfqeuG1ASHwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTE2NDYzMVoYDzIxMjYxMTAx
MTY0NjMxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAR1zBAqDpMz/6q1OsbZ6/QWzu/c7ExiHJcJ9URUrBO3ZD3cXJ1dDwET
OC6NVeXpIqdPOohdN5VBs9y3Fl9wGGMso4GBMH8wHQYDVR0OBBYEFLd4zFjF6twD
V1U/vlK3hGEvK2ceMB8GA1UdIwQYMBaAFLd4zFjF6twDV1U/vlK3hGEvK2ceMCwG
A1UdEQQlMCOCCWxvY2FsaG9zdIcEfwAAAYcQAAAAAAAAAAAAAAAAAAAAATAPBgNV
HRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDPjtE0c6WVNxQLCXUZQMJw
GpYZpfDXWflLyM8NTf8SOwIhALEayYLZdPN1yEduUXc2r9kE243EeQPHlUakT6zH
MvJr
-----END CERTIFICATE-----`;

/** For either side of `wss://`: a server shows the certificate, a client trusts it. */
export const testTls: TlsOptions = { key, cert, ca: cert };
