// "Who needs me now": the list of alerts that are not resolved, what is due first on top.

import { call } from './api.js';
import { announce, byId, element, fill, show } from './dom.js';
import { capital, due, moment, severityMark, status } from './words.js';

const PATH = '/v1/alerts?limit=200';
let etag = null;
let known = null; // alerts by id, as last listed
let rows = new Map();
let chosen = null;

export const listed = (id) => known?.get(id);
export const withRule = (code) => [...(known?.values() ?? [])].filter((alert) => alert.rule === code);

export function forget() {
  etag = null;
  known = null;
  rows = new Map();
  chosen = null;
  fill(byId('alert-list'));
}

// Asks for the list; true when it was another one than before.
export async function look() {
  const reply = await call(PATH, { etag });
  if (reply.status === 304) return false;
  etag = reply.etag;
  const isFirst = known === null;
  if (!isFirst) tellNew(reply.data.items);
  known = new Map(reply.data.items.map((alert) => [alert.id, alert]));
  draw(reply.data.items, { isFirst, more: reply.data.next_cursor !== null });
  return true;
}

export function choose(id) {
  chosen = id;
  for (const [key, row] of rows) mark(row, key);
}

function tellNew(alerts) {
  const fresh = alerts.filter((alert) => alert.status === 'open' && alert.occurrences !== known.get(alert.id)?.occurrences);
  if (fresh.length === 1) announce(`${capital(fresh[0].severity)} alert: ${fresh[0].patient_name}. ${fresh[0].sentence}`);
  if (fresh.length > 1) announce(`${fresh.length} new alerts.`);
}

function draw(alerts, { isFirst, more }) {
  const open = alerts.filter((alert) => alert.status === 'open').length;
  const taken = alerts.length - open;
  byId('alerts-count').textContent = `${open} open, ${taken} acknowledged${more ? ', and more' : ''}`;
  document.title = open ? `(${open}) Handrail` : 'Handrail';
  show(byId('no-alerts'), alerts.length === 0);
  const focused = document.activeElement?.closest?.('li[data-id]')?.dataset.id;
  const list = byId('alert-list');
  const before = rows;
  rows = new Map(alerts.map((alert) => [alert.id, row(alert, before.get(alert.id))]));
  for (const [id, old] of before) if (rows.get(id) !== old) old.remove();
  for (const [id, each] of rows) each.classList.toggle('new', !isFirst && !before.has(id));
  let place = list.firstElementChild;
  for (const each of rows.values()) {
    if (each === place) place = place.nextElementSibling;
    else list.insertBefore(each, place);
  }
  if (focused && rows.has(focused)) rows.get(focused).querySelector('a').focus();
}

// The same element as long as the alert is the same, so that nothing flickers and focus stays.
function row(alert, before) {
  const version = JSON.stringify(alert);
  if (before?.version === version) return before;
  const times = alert.occurrences > 1 ? element('span', { class: 'times' }, `${alert.occurrences} times`) : null;
  const snoozed = alert.snoozed_until ? element('span', {}, `Snoozed until ${moment(alert.snoozed_until)}`) : null;
  const made = element('li', { 'data-id': alert.id, class: alert.status },
    element('a', { href: `#/alerts/${alert.id}` },
      element('span', { class: 'line' }, severityMark(alert.severity), due(alert.due_at)),
      element('strong', {}, alert.patient_name),
      element('span', { class: 'sentence' }, alert.sentence),
      element('span', { class: 'line aside' }, element('span', { class: `status ${alert.status}` }, status(alert.status)), snoozed, times)));
  made.version = version;
  mark(made, alert.id);
  return made;
}

function mark(row, id) {
  if (id === chosen) row.firstElementChild.setAttribute('aria-current', 'true');
  else row.firstElementChild.removeAttribute('aria-current');
}
