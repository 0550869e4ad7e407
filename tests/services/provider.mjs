// An OpenID Connect provider (oidc-provider) with its own pages to sign in and to consent.
// Its one argument is JSON: {redirect_uris, post_logout_redirect_uris, people: {login: claims}}. It prints its issuer.
import http from "node:http";

import { Provider } from "oidc-provider";

const given = JSON.parse(process.argv[2]);
const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const client = {
    client_id: "toyz",
    client_secret: "a secret: of +the client/",
    redirect_uris: given.redirect_uris,
    post_logout_redirect_uris: given.post_logout_redirect_uris,
  };
  const provider = new Provider(issuer, {
    clients: [client],
    claims: { openid: ["sub"], profile: ["preferred_username", "groups"], email: ["email", "email_verified"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...given.people[id] }) }),
    pkce: { required: () => true },
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600, AuthorizationCode: 60 },
    cookies: { keys: ["only of this test"] },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
