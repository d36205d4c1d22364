// One alert: why it is here, what happened to it, what comes next, and what to do about it.

import { Refusal, call } from './api.js';
import { announce, byId, element, fill, show } from './dom.js';
import { happened, isUnderWay, next } from './timeline.js';
import { why } from './why.js';
import { OUTCOMES, due, moment, outcome, severityMark, status, when } from './words.js';

const SNOOZES = [[60, '1 hour'], [240, '4 hours'], [1440, '24 hours']];
const CHANGING = ['occurrences', 'status', 'severity', 'cycle', 'step', 'next_at', 'snoozed_until', 'assignee_id'];
const LOOK_AGAIN = [1500, 3000, 6000, 12000]; // in ms: a page that is on its way is told of by nobody

let shown = null; // the alert as it is on the page: `occurrences` of it is what was seen
let parts = null;
let waiting = null;

export const isShown = (id) => shown?.id === id;
export const isStale = (listed) => shown !== null && listed?.id === shown.id
  && CHANGING.some((name) => listed[name] !== shown[name]);

export function close() {
  clearTimeout(waiting);
  shown = null;
  parts = null;
  fill(byId('detail'));
  show(byId('detail'), false);
  show(byId('no-detail'));
}

// Reads the alert and puts it on the page. What was typed for the same alert stays.
export async function open(id, { focus = false } = {}) {
  const [alert, explanation, timeline] = await Promise.all([
    call(`/v1/alerts/${id}`), call(`/v1/alerts/${id}/explanation`), call(`/v1/alerts/${id}/timeline`),
  ]);
  if (parts?.id !== id) build(id);
  const grown = shown?.id === id && alert.data.occurrences > shown.occurrences;
  shown = alert.data;
  fill(parts.head, head(shown));
  fill(parts.why, why(explanation.data));
  show(parts.acknowledge, shown.status === 'open');
  show(parts.snooze, shown.status !== 'resolved' && shown.severity !== 'critical');
  show(parts.resolve, shown.status !== 'resolved');
  tellTimeline(timeline.data, LOOK_AGAIN);
  if (grown) tell('There is a newer finding than you had seen. It is shown here.');
  show(byId('no-detail'), false);
  show(byId('detail'));
  if (focus) byId('detail-title').focus();
}

function tellTimeline(timeline, pauses) {
  const sentence = next(shown, timeline);
  fill(parts.next, sentence);
  show(parts.next, sentence !== null);
  fill(parts.log, happened(timeline));
  clearTimeout(waiting);
  if (pauses.length && isUnderWay(timeline)) waiting = setTimeout(lookAgain, pauses[0], shown.id, pauses.slice(1));
}

async function lookAgain(id, pauses) {
  try {
    const timeline = await call(`/v1/alerts/${id}/timeline`);
    if (isShown(id)) tellTimeline(timeline.data, pauses);
  } catch (failure) {
    if (!(failure instanceof Refusal)) throw failure;
  }
}

function build(id) {
  const acknowledge = element('button', { type: 'button', on: { click: acknowledged } }, 'Acknowledge: I have it');
  parts = {
    id,
    head: element('div', { class: 'head' }),
    message: element('p', { class: 'notice', role: 'status' }),
    acknowledge,
    snooze: snoozing(),
    next: element('p', { class: 'coming' }),
    why: element('section', { 'aria-label': 'Why' }),
    log: element('section', { 'aria-label': 'What happened' }),
    resolve: resolution(),
  };
  show(parts.message, false);
  fill(byId('detail'), element('a', { class: 'back', href: '#/alerts' }, 'Back to the list'),
    parts.head, parts.message, parts.next, element('div', { class: 'verbs' }, acknowledge, parts.snooze), parts.why, parts.resolve, parts.log);
}

function head(alert) {
  return [
    element('p', { class: 'line' }, severityMark(alert.severity),
      element('span', { class: `status ${alert.status}` }, status(alert.status)),
      alert.status === 'resolved' ? null : due(alert.due_at)),
    element('h2', { id: 'detail-title', tabindex: '-1' }, alert.patient_name),
    element('p', { class: 'lead' }, alert.sentence),
    element('p', { class: 'aside' }, `${alert.title}. Opened `, when(alert.opened_at),
      alert.occurrences > 1 ? `, found ${alert.occurrences} times, last ${moment(alert.last_found_at)}` : '',
      alert.outcome ? `. ${outcome(alert.outcome)}` : '', '.'),
  ];
}

function snoozing() {
  const buttons = SNOOZES.map(([minutes, words]) => element('button', {
    type: 'button', class: 'plain', on: { click: () => change('snooze', { minutes }, `Snoozed for ${words}.`) },
  }, words));
  return element('div', { class: 'snooze', role: 'group', 'aria-label': 'Snooze' }, element('span', {}, 'Snooze for'), buttons);
}

function resolution() {
  const choices = Object.entries(OUTCOMES).map(([code, words]) => element('option', { value: code }, words));
  return element('form', { class: 'resolve', on: { submit: resolved } },
    element('h3', {}, 'Resolve'),
    element('label', { for: 'outcome' }, 'Outcome'),
    element('select', { id: 'outcome', name: 'outcome', required: true }, element('option', { value: '' }, 'Choose…'), choices),
    element('label', { for: 'note' }, 'Note (may be left out)'),
    element('textarea', { id: 'note', name: 'note', rows: 3, maxlength: 4000 }),
    element('button', { type: 'submit' }, 'Resolve'));
}

async function acknowledged() {
  await change('acknowledgement', {}, 'Acknowledged.');
}

async function resolved(submitted) {
  submitted.preventDefault();
  const given = new FormData(submitted.target);
  const body = { outcome: given.get('outcome'), note: given.get('note').trim() || null, occurrences_seen: shown.occurrences };
  await change('resolution', body, 'Resolved.');
}

async function change(verb, body, done) {
  const { id } = shown;
  setBusy(true);
  try {
    await call(`/v1/alerts/${id}/${verb}`, { method: 'POST', body });
    await open(id);
    tell(done);
    byId('detail-title').focus();
  } catch (failure) {
    if (!(failure instanceof Refusal)) throw failure;
    if (failure.status === 409) await open(id).catch(() => {});
    tell(failure.code === 'newer_occurrence'
      ? 'There is a newer finding than you had seen. Read it here, then resolve.' : failure.message, true);
  } finally {
    setBusy(false);
  }
  document.dispatchEvent(new CustomEvent('alert-changed'));
}

function setBusy(busy) {
  for (const button of byId('detail').querySelectorAll('button')) button.disabled = busy;
}

function tell(sentence, isFault = false) {
  parts.message.textContent = sentence;
  parts.message.classList.toggle('fault', isFault);
  show(parts.message);
  announce(sentence);
}
