// One alert: why it is here, what happened to it, and what to do about it.

import { Refusal, call } from './api.js';
import { announce, byId, element, fill, show } from './dom.js';
import { OUTCOMES, day, due, grade, logEntry, moment, outcome, severityMark, signal, status, when } from './words.js';

const READINGS = 8;
let shown = null; // the alert as it is on the page: `occurrences` of it is what was seen
let parts = null;

export const isShown = (id) => shown?.id === id;
export const isStale = (listed) => shown !== null && listed?.id === shown.id
  && (listed.occurrences !== shown.occurrences || listed.status !== shown.status);

export function close() {
  shown = null;
  parts = null;
  fill(byId('detail'));
  show(byId('detail'), false);
  show(byId('no-detail'));
}

// Reads the alert and puts it on the page. What was typed for the same alert stays.
export async function open(id, { focus = false } = {}) {
  const [alert, explanation] = await Promise.all([
    call(`/v1/alerts/${id}`), call(`/v1/alerts/${id}/explanation`),
  ]);
  if (parts?.id !== id) build(id);
  const grown = shown?.id === id && alert.data.occurrences > shown.occurrences;
  shown = alert.data;
  fill(parts.head, head(shown));
  fill(parts.why, why(explanation.data));
  fill(parts.log, log(shown));
  show(parts.acknowledge, shown.status === 'open');
  show(parts.resolve, shown.status !== 'resolved');
  if (grown) tell('There is a newer finding than you had seen. It is shown here.');
  show(byId('no-detail'), false);
  show(byId('detail'));
  if (focus) byId('detail-title').focus();
}

function build(id) {
  const acknowledge = element('button', { type: 'button', on: { click: acknowledged } }, 'Acknowledge: I have it');
  parts = {
    id,
    head: element('div', { class: 'head' }),
    message: element('p', { class: 'notice', role: 'status' }),
    acknowledge,
    why: element('section', { 'aria-label': 'Why' }),
    log: element('section', { 'aria-label': 'What happened' }),
    resolve: resolution(),
  };
  show(parts.message, false);
  fill(byId('detail'), element('a', { class: 'back', href: '#/alerts' }, 'Back to the list'),
    parts.head, parts.message, element('p', {}, acknowledge), parts.why, parts.resolve, parts.log);
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

function why(explanation) {
  const { rule, evidence, recomputed } = explanation;
  const readings = [...explanation.readings].sort((a, b) => b.decisive - a.decisive || b.at.localeCompare(a.at));
  return [
    explanation.next_step ? element('p', { class: 'next' }, element('strong', {}, 'Next step: '), explanation.next_step) : null,
    element('h3', {}, 'Why it is here'),
    element('p', {}, explanation.comparison),
    element('ul', { class: 'readings' }, readings.slice(0, READINGS).map(reading)),
    readings.length > READINGS
      ? element('details', {}, element('summary', {}, `${readings.length - READINGS} more readings`),
        element('ul', { class: 'readings' }, readings.slice(READINGS).map(reading)))
      : null,
    element('p', { class: 'aside' }, `${grade(evidence.grade)}: ${evidence.citation}.`),
    element('p', { class: 'aside' }, `Rule ${rule.code}, version ${explanation.rule_set_version}. `,
      recomputed === null ? 'It could not be evaluated.'
        : recomputed.holds && recomputed.same_sentence ? 'Evaluated again just now: it comes out the same.'
          : 'Evaluated again just now: it comes out differently.'),
  ];
}

function reading(each) {
  const value = typeof each.value === 'number' ? String(Math.round(each.value * 10) / 10) : each.value;
  return element('li', { class: each.decisive ? 'decisive' : '' },
    element('span', {}, day(each.day)), element('span', {}, signal(each.signal)), element('strong', {}, value),
    each.decisive ? element('span', { class: 'aside' }, 'decided it') : element('span', {}));
}

function log(alert) {
  return [
    element('h3', {}, 'What happened'),
    element('ol', { class: 'log' }, alert.log.map((entry) => element('li', {},
      when(entry.at), element('span', {}, element('strong', {}, logEntry(entry.kind)),
        entry.author_name ? ` by ${entry.author_name}` : '', entry.outcome ? `: ${outcome(entry.outcome)}` : ''),
      entry.text ? element('q', {}, entry.text) : null))),
  ];
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
