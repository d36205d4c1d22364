// The board: signs in, shows one of its views, and keeps it current.

import * as alerts from './alerts.js';
import { Refusal, call, signIn, signOut, whenSignedOut } from './api.js';
import * as caseload from './caseload.js';
import * as detail from './detail.js';
import { byId, show } from './dom.js';
import { follow } from './feed.js';
import * as onCall from './on_call.js';
import * as sessions from './sessions.js';
import { retellTimes, setServerTime } from './words.js';

const STATES = { connecting: 'Connecting', live: 'Live', polling: 'Checking every few seconds', away: 'Not connected', none: '' };
const RETELL = 15000;
const HAND_OVER = 60000; // so often it is asked who is on call
const ARRIVALS = 15000; // so often it is asked who has come, while that is shown
const VIEWS = { '#/caseload': 'caseload', '#/sessions': 'sessions' }; // everything else is an alert, or their list
const SHOWN = { caseload: caseload.look, sessions: sessions.look };
let following = null;
let isIn = false;

function setConnection(state) {
  const part = byId('connection');
  part.dataset.state = state;
  part.textContent = STATES[state];
}

// Runs `act`; a refusal is said at `place`, and nothing is said there when it went well.
async function saying(place, act) {
  try {
    await act();
    byId(place).textContent = '';
  } catch (failure) {
    if (!(failure instanceof Refusal)) throw failure;
    if (failure.status !== 401) byId(place).textContent = failure.status === 403 ? 'Your role does not include this view.' : failure.message;
  }
}

async function enter() {
  const { data } = await call('/v1/bootstrap');
  setServerTime(data.server_time);
  isIn = true;
  byId('me').textContent = `${data.me.name}, ${data.me.role}`;
  sessions.know(data.programs);
  show(byId('door'), false);
  show(byId('top'));
  await onCall.look();
  await route();
  following = new AbortController();
  follow({ look: lookAround, tell: setConnection, signal: following.signal });
}

function leave(reason = '') {
  following?.abort();
  isIn = false;
  alerts.forget();
  caseload.forget();
  detail.close();
  onCall.forget();
  sessions.forget();
  setConnection('connecting');
  document.title = 'Handrail';
  for (const id of ['top', 'alerts', 'caseload', 'sessions']) show(byId(id), false);
  show(byId('door'));
  byId('sign-in-fault').textContent = reason;
  byId('username').focus();
}

// What the feed has news for: the list always, the rest as far as it is on the page.
async function lookAround() {
  if (await alerts.look()) {
    const id = alertInAddress();
    const listed = alerts.listed(id);
    if (id && detail.isShown(id) && (detail.isStale(listed) || !listed)) await detail.open(id);
  }
  if (!byId('caseload').hidden) await caseload.look();
  if (!byId('sessions').hidden) await sessions.look();
}

const alertInAddress = () => /^#\/alerts\/([0-9a-f-]{36})$/.exec(location.hash)?.[1] ?? null;

async function route() {
  if (!isIn) return;
  const view = VIEWS[location.hash] ?? 'alerts';
  for (const name of ['alerts', 'caseload', 'sessions']) {
    show(byId(name), name === view);
    if (name === view) byId(`to-${name}`).setAttribute('aria-current', 'page');
    else byId(`to-${name}`).removeAttribute('aria-current');
  }
  if (view !== 'alerts') {
    await saying(`${view}-fault`, SHOWN[view]);
    return;
  }
  const id = alertInAddress();
  byId('alerts').classList.toggle('with-detail', id !== null);
  alerts.choose(id);
  await saying('alerts-fault', async () => {
    await alerts.look();
    if (id === null) detail.close();
    else await detail.open(id, { focus: true });
  });
}

byId('sign-in').addEventListener('submit', async (submitted) => {
  submitted.preventDefault();
  const { username, password } = submitted.target.elements;
  const button = submitted.target.querySelector('button');
  button.disabled = true;
  await saying('sign-in-fault', async () => {
    await signIn(username.value, password.value);
    password.value = '';
    await enter();
  });
  button.disabled = false;
});

byId('sign-out').addEventListener('click', () => signOut());
document.addEventListener('alert-changed', () => saying('alerts-fault', alerts.look));
addEventListener('hashchange', route);
setInterval(retellTimes, RETELL);
setInterval(() => { if (isIn) onCall.look(); }, HAND_OVER);
setInterval(() => { if (isIn && !byId('sessions').hidden) saying('sessions-fault', sessions.look); }, ARRIVALS);
whenSignedOut(leave);
show(byId('door'));
byId('username').focus();
