/** A self-signed certificate for `localhost` and `named.example`, made for these tests alone. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBpDCCAUqgAwIBAgIUJxTUhY9qepxVYgI7fVFeECc/cJkwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzA3MDcyOFoYDzIxMjYxMDMw
MDcwNzI4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT9x2n80He/aqWyZj0vjvQ2QIu4hXdCvSrl+Zy02tBZ5oUBRTs7kkz0
BzObYt8p0UyjJujdJ/ETBPP5oV/aUAu7o3gwdjAdBgNVHQ4EFgQUJbw2wcFmehcN
LUMmUIbuOZg6+10wHwYDVR0jBBgwFoAUJbw2wcFmehcNLUMmUIbuOZg6+10wDwYD
VR0TAQH/BAUwAwEB/zAjBgNVHREEHDAagglsb2NhbGhvc3SCDW5hbWVkLmV4YW1w
bGUwCgYIKoZIzj0EAwIDSAAwRQIhAJfhWpiavxXg5IqOo3fhdP3GX4an6sRhJKE0
zjmV4Yl/AiB1wH223+N+r0jpt2GHcBOh4/Wpn1R8JydgEC6Ek7MZqA==
-----END CERTIFICATE-----
`;

/** Its key; it protects nothing. */
export const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3O1z7eXFxFJuxKdv
XbkjC7pKP627IMUEex9ohAwG4YqhRANCAAT9x2n80He/aqWyZj0vjvQ2QIu4hXdC
vSrl+Zy02tBZ5oUBRTs7kkz0BzObYt8p0UyjJujdJ/ETBPP5oV/aUAu7
-----END PRIVATE KEY-----
`;
