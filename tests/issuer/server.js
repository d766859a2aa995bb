// A certified OpenID Provider (oidc-provider), configured as FranceConnect or as ProConnect, on a port of this
// machine. What differs comes as one line of JSON on the standard input; once it listens it says where, as one
// line. It ends with its standard input.

import { createHash, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const PATH = '/api/v2'

const line = await new Promise((resolve) => createInterface(process.stdin).once('line', resolve))
const asked = JSON.parse(line)
process.stdin.on('end', () => process.exit(0))
process.stdin.resume()

const found = createRequire(`${asked.modules}/`).resolve('oidc-provider')
const { Provider } = await import(pathToFileURL(found))

function key(kind, kid) {
  const pair =
    kind === 'EC'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...pair.privateKey.export({ format: 'jwk' }), kid, use: 'sig' }
}

function escaped(text) {
  return String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

const server = createServer()
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${server.address().port}`

const provider = new Provider(`${origin}${PATH}`, {
  clients: [
    {
      client_id: asked.client_id,
      client_secret: asked.client_secret,
      redirect_uris: asked.back,
      post_logout_redirect_uris: asked.out,
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: asked.algorithm,
      userinfo_signed_response_alg: asked.algorithm,
      subject_type: 'pairwise',
      ...(asked.allowed ? { scope: asked.allowed } : {}),
    },
  ],
  jwks: { keys: [key('RSA', 'rsa'), key('EC', 'ec')] },
  cookies: { keys: ['for the tests alone'] },
  subjectTypes: ['pairwise'],
  pairwiseIdentifier: (ctx, account, client) =>
    createHash('sha256').update(`${client.clientId} ${account}`).digest('hex'),
  acrValues: asked.levels,
  // Of FranceConnect, those that open data elsewhere: they tell no claim.
  scopes: [...Object.keys(asked.claims), ...(asked.data ?? [])],
  claims: asked.claims,
  features: {
    devInteractions: { enabled: false },
    jwtUserinfo: { enabled: true },
    claimsParameter: { enabled: true },
    introspection: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = `<!doctype html><html lang="fr"><title>Sortie</title>${form}<button form="op.logoutForm" name="logout" value="yes">Me déconnecter</button>`
      },
    },
  },
  pkce: { required: () => asked.pkce },
  ttl: {
    AuthorizationCode: (ctx, token) => (token.accountId === asked.hurried ? 1 : 30),
    AccessToken: (ctx, token) => (token.accountId === asked.slow ? 1 : 60),
    IdToken: 60,
    Interaction: 600,
    Session: 1800,
    Grant: 1800,
  },
  interactions: { url: (ctx, interaction) => `${origin}/qui/${interaction.uid}` },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...asked.people[id] }) }),
  renderError: (ctx, out) => {
    ctx.body = `<!doctype html><html lang="fr"><title>Erreur</title><p>${escaped(out.error_description ?? out.error)}`
  },
})
provider.on('server_error', (ctx, error) => console.error(error))

async function finish(request, response, who) {
  const { params } = await provider.interactionDetails(request, response)
  if (who === 'personne') {
    const refused = { error: 'access_denied', error_description: 'User auth aborted' }
    return provider.interactionFinished(request, response, refused)
  }
  const grant = new provider.Grant({ accountId: who, clientId: params.client_id })
  const data = asked.data ?? []
  const refused = who === asked.reluctant ? data : who === asked.halfway ? data.slice(1) : []
  grant.addOIDCScope(params.scope.split(' ').filter((scope) => !refused.includes(scope)).join(' '))
  if (refused.length) grant.rejectOIDCScope(refused.join(' '))
  grant.addOIDCClaims(Object.values(asked.claims).flat())
  const login = { accountId: who, acr: asked.levels[0], amr: asked.amr, remember: true }
  return provider.interactionFinished(request, response, { login, consent: { grantId: await grant.save() } })
}

const handle = provider.callback()
server.on('request', async (request, response) => {
  const url = new URL(request.url, origin)
  if (url.pathname.startsWith('/qui/')) {
    const who = url.searchParams.get('moi')
    if (who !== null) return finish(request, response, who)
    const links = [...Object.keys(asked.people), 'personne']
      .map((id) => `<p><a href="?moi=${encodeURIComponent(id)}">${escaped(id)}</a>`)
      .join('')
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    return response.end(`<!doctype html><html lang="fr"><title>Qui êtes-vous ?</title>${links}`)
  }
  if (!url.pathname.startsWith(`${PATH}/`)) {
    response.statusCode = 404
    return response.end()
  }
  request.originalUrl = request.url
  request.url = request.url.slice(PATH.length)
  return handle(request, response)
})

console.log(JSON.stringify({ issuer: `${origin}${PATH}` }))
