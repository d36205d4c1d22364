// Everybody in treatment at a glance.

import { call } from './api.js';
import { byId, element, fill } from './dom.js';
import { SEVERITIES, capital, day, plain } from './words.js';

const COLUMNS = ['Patient', 'Alerts', 'Last check-in', 'Mood', 'Craving', 'PHQ-9', 'GAD-7', 'Days in a row', 'Primary counselor'];
const PATH = '/v1/caseload?limit=200';
let etag = null;

export function forget() {
  etag = null;
  fill(byId('caseload-rows'));
}

export async function look() {
  const reply = await call(PATH, { etag });
  if (reply.status === 304) return;
  etag = reply.etag;
  const { items, next_cursor: more } = reply.data;
  byId('caseload-count').textContent = `${items.length}${more ? ' or more' : ''} patients with a running stay`;
  fill(byId('caseload-head'), COLUMNS.map((name) => element('th', { role: 'columnheader', scope: 'col' }, name)));
  fill(byId('caseload-rows'), items.map(row));
}

function row(item) {
  const said = item.last_check_in;
  const cells = [
    waiting(item),
    said ? day(said.local_date) : 'None yet',
    outOfTen(said?.mood),
    outOfTen(said?.craving),
    result(item.phq9),
    result(item.gad7),
    String(item.streak),
    item.primary_counselor?.name ?? 'Nobody',
  ];
  return element('tr', { role: 'row' },
    element('th', { role: 'rowheader', scope: 'row' }, element('strong', {}, item.patient_name),
      element('span', { class: 'aside' }, item.program.name + (item.enrollment_status === 'on_leave' ? ', on leave' : ''))),
    cells.map((cell, index) => element('td', { role: 'cell', 'data-label': COLUMNS[index + 1] }, cell)));
}

function waiting(item) {
  const found = SEVERITIES.flatMap((severity) => {
    const open = item.open_alerts[severity];
    const taken = item.acknowledged_alerts[severity];
    return open + taken ? [chip(severity, open, taken)] : [];
  });
  return found.length ? element('span', { class: 'chips' }, found) : element('span', { class: 'aside' }, 'None');
}

function chip(severity, open, taken) {
  const words = open ? `${open} ${severity}` : `${taken} ${severity}, acknowledged`;
  return element('span', { class: `severity ${severity} ${open ? '' : 'taken'}` },
    element('span', { class: 'shape', 'aria-hidden': 'true' }), capital(words));
}

const outOfTen = (value) => (value === null || value === undefined ? '–' : `${value} of 10`);

function result(last) {
  if (!last) return '–';
  const moved = last.change ? ` (${last.change > 0 ? '+' : '−'}${Math.abs(last.change)})` : '';
  const band = last.severity ? plain(last.severity) : '';
  return [element('span', {}, element('strong', {}, String(last.total)), moved), element('span', { class: 'aside' }, band)];
}
