// A certified OpenID Connect provider for the tests, with a login page of its own.
//
// argv: a JSON file {port, issuer, jwks, clients, accounts: {name: {password, acr, evil?}}}.
// An account marked `evil` gets an ID token that was changed on its way as the mark says; everything
// else is the provider's own work.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const here = (name) => pathToFileURL(`${process.env.IDENTITY_MODULES}/${name}`).href;
const { Provider } = await import(here('oidc-provider/lib/index.js'));
const jose = await import(here('jose/dist/webapi/index.js'));

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { issuer, accounts } = settings;
const own = settings.jwks.keys[0];

const provider = new Provider(issuer, {
  clients: settings.clients,
  jwks: settings.jwks,
  acrValues: ['idporten-loa-high', 'idporten-loa-substantial'],
  cookies: { keys: ['only for tests'] },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  loadExistingGrant: async (ctx) => {
    const { client, session } = ctx.oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid');
    await grant.save();
    return grant;
  },
});

// What somebody between hub and provider might do to an ID token.
const changes = {
  none: async (token) => {
    const [, body] = token.split('.');
    return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
  },
  key: async (token) => {
    const { privateKey } = await jose.generateKeyPair('RS256');
    return sign(jose.decodeJwt(token), privateKey);
  },
  hmac: async (token) => {
    const { kty, n, e } = own;
    const shown = await jose.importJWK({ kty, n, e, ext: true }, 'RS256');
    const secret = Buffer.from(await jose.exportSPKI(shown));
    return new jose.SignJWT(jose.decodeJwt(token)).setProtectedHeader({ alg: 'HS256', kid: own.kid }).sign(secret);
  },
  body: async (token) => {
    const [head, , signature] = token.split('.');
    const body = Buffer.from(JSON.stringify({ ...jose.decodeJwt(token), sub: 'kari' }));
    return `${head}.${body.toString('base64url')}.${signature}`;
  },
  audience: async (token) => resign(token, { aud: 'another-client' }),
  party: async (token) => resign(token, { aud: ['another-client', jose.decodeJwt(token).aud], azp: 'another-client' }),
  issuer: async (token) => resign(token, { iss: 'http://another.example' }),
  nonce: async (token) => resign(token, { nonce: 'of-another-sign-in' }),
  expired: async (token) => resign(token, { exp: Math.floor(Date.now() / 1000) - 60 }),
  old: async (token) => resign(token, { iat: Math.floor(Date.now() / 1000) - 3600 }),
};
const resign = async (token, change) => sign({ ...jose.decodeJwt(token), ...change }, await jose.importJWK(own, 'RS256'));
const sign = (claims, key) => new jose.SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: own.kid }).sign(key);

provider.use(async (ctx, next) => {
  await next();
  const token = ctx.path === '/token' && ctx.body?.id_token;
  const mark = token && accounts[jose.decodeJwt(token).sub]?.evil;
  if (mark) ctx.body = { ...ctx.body, id_token: await changes[mark](token) };
});

const page = (uid, said = '') => `<!doctype html><html lang="en"><title>Identity</title><h1>Identity</h1><p>${said}</p>
<form method="post" action="/interaction/${uid}"><label>Login <input name="login"></label>
<label>Password <input name="password" type="password"></label><button>Continue</button></form></html>`;

const answer = provider.callback();
createServer(async (req, res) => {
  const uid = /^\/interaction\/([\w-]+)$/.exec(req.url)?.[1];
  if (!uid) return answer(req, res);
  try {
    await provider.interactionDetails(req, res);
    if (req.method === 'POST') {
      const parts = [];
      for await (const part of req) parts.push(part);
      const form = new URLSearchParams(Buffer.concat(parts).toString());
      const account = accounts[form.get('login')];
      if (account && account.password === form.get('password')) {
        const login = { accountId: form.get('login'), acr: account.acr, amr: ['pwd'], remember: false };
        return await provider.interactionFinished(req, res, { login });
      }
      res.writeHead(200, { 'content-type': 'text/html' }).end(page(uid, 'Wrong login or password.'));
      return undefined;
    }
    res.writeHead(200, { 'content-type': 'text/html' }).end(page(uid));
  } catch (error) {
    res.writeHead(400).end(error.name);
  }
  return undefined;
}).listen(settings.port, '127.0.0.1', () => console.log('ready'));
