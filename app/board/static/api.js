// The public API. Tokens live in this module's memory and nowhere else: a closed tab is signed out.

let tokens = null;
let refreshing = null;
let visit = 0; // counts sign-ins and sign-outs: an answer that comes after one is nobody's any more
let onSignedOut = () => {};

const EARLY = 30000; // a token is renewed so long before its end, in ms

// What the API refused, or that it could not be reached (status 0). `detail` is a sentence for the reader.
export class Refusal extends Error {
  constructor(status, problem = {}) {
    super(problem.detail ?? 'Handrail cannot be reached. What you see may be out of date.');
    this.status = status;
    this.code = problem.code ?? 'unreachable';
    this.problem = problem;
  }
}

export function whenSignedOut(act) {
  onSignedOut = act;
}

export async function signIn(username, password) {
  const grant = { grant_type: 'password', username, password, device_name: 'Board' };
  await takeTokens(await post('/v1/auth/token', new URLSearchParams(grant)));
}

export async function signOut() {
  const last = tokens;
  forget();
  if (last) await post('/v1/auth/revocation', new URLSearchParams({ token: last.refresh })).catch(() => {});
}

// `{status, data, etag}` of an answer, 304 among them. Throws a Refusal.
export async function call(path, options = {}) {
  const during = visit;
  const reply = await authorized(path, options);
  const data = reply.status === 304 ? null : await reply.json();
  if (during !== visit) throw signedOut();
  return { status: reply.status, data, etag: reply.headers.get('ETag') };
}

// The answer itself, for who reads it bit by bit. Throws a Refusal.
export async function authorized(path, { method = 'GET', body, etag, accept, signal } = {}) {
  const ask = async () => {
    const headers = { Authorization: `Bearer ${await accessToken()}`, Accept: accept ?? 'application/json' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (etag) headers['If-None-Match'] = etag;
    return fetchOrRefuse(path, {
      method, headers, signal, cache: 'no-store', body: body === undefined ? undefined : JSON.stringify(body),
    });
  };
  let reply = await ask();
  if (reply.status === 401) {
    await refresh();
    reply = await ask();
  }
  if (!reply.ok && reply.status !== 304) throw await refusalOf(reply);
  return reply;
}

const signedOut = () => new Refusal(401, { code: 'signed_out', detail: 'Sign in first.' });

function forget(reason) {
  tokens = null;
  visit += 1;
  onSignedOut(reason);
}

async function accessToken() {
  if (!tokens) throw signedOut();
  if (Date.now() > tokens.ends - EARLY) await refresh();
  return tokens.access;
}

// One at a time: a refresh token is good once.
function refresh() {
  refreshing ??= renew().finally(() => { refreshing = null; });
  return refreshing;
}

async function renew() {
  const grant = { grant_type: 'refresh_token', refresh_token: tokens?.refresh ?? '' };
  try {
    await takeTokens(await post('/v1/auth/token', new URLSearchParams(grant)));
  } catch (refusal) {
    if (refusal.problem?.error !== 'invalid_grant') throw refusal;
    forget('Your sign-in has ended. Sign in again.');
    throw signedOut();
  }
}

async function takeTokens(reply) {
  if (!reply.ok) throw await refusalOf(reply);
  const granted = await reply.json();
  tokens = { access: granted.access_token, refresh: granted.refresh_token, ends: Date.now() + 1000 * granted.expires_in };
}

function post(path, body) {
  return fetchOrRefuse(path, { method: 'POST', body, cache: 'no-store' });
}

async function fetchOrRefuse(path, options) {
  try {
    return await fetch(path, { ...options, credentials: 'omit', redirect: 'error' });
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    throw new Refusal(0);
  }
}

async function refusalOf(reply) {
  return new Refusal(reply.status, await reply.json().catch(() => ({})));
}
