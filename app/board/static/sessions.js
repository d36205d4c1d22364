// The sessions of today, program by program: what runs, who is missing from it, whose week has too few hours.

import * as alerts from './alerts.js';
import { call } from './api.js';
import { byId, element, fill } from './dom.js';
import { plain, time } from './words.js';

const TOO_FEW_HOURS = 'hours.low'; // the rule that finds it in the middle of a week
let programs = [];
let known = new Map(); // what was last answered of each, with its ETag

export function know(those) {
  programs = those;
}

export function forget() {
  programs = [];
  known = new Map();
  fill(byId('session-programs'));
}

export async function look() {
  await Promise.all(programs.map(ask));
  const today = programs.flatMap((program) => known.get(program.id).data.today);
  const running = today.filter((each) => each.is_running).length;
  byId('sessions-count').textContent = programs.length
    ? `${running} running, ${today.length - running} still to begin today` : 'You work in no program.';
  draw();
}

function draw() {
  const place = byId('session-programs');
  const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  fill(place, programs.map(drawn));
  [...place.querySelectorAll('a')].find((each) => each.getAttribute('href') === focused)?.focus();
}

async function ask(program) {
  const path = `/v1/programs/${program.id}/attendance`;
  const reply = await call(path, { etag: known.get(program.id)?.etag });
  if (reply.status !== 304) known.set(program.id, { etag: reply.etag, data: reply.data });
}

function drawn(program) {
  const { today, missing } = known.get(program.id).data;
  return element('section', { class: 'program', 'aria-label': program.name },
    element('h2', {}, program.name),
    today.length ? element('ol', { class: 'sessions' }, today.map((each) => row(each, missing)))
      : element('p', { class: 'aside' }, 'No more sessions today.'),
    tooFewHours(program));
}

function row(session, missing) {
  const absent = missing.filter((each) => each.session_id === session.id);
  return element('li', { class: session.is_running ? 'running' : '', 'data-id': session.id },
    element('span', { class: 'line' },
      element('strong', {}, `${time(session.starts_at)} to ${time(session.ends_at)}`),
      element('span', { class: 'aside' }, session.is_running ? 'Running' : 'To begin')),
    element('span', {}, `${session.title} (${plain(session.kind)})`),
    element('span', { class: 'aside' }, counted(session)),
    absent.length ? element('ul', { class: 'missing', 'aria-label': 'Missing now' }, absent.map(one)) : null);
}

function counted(session) {
  const excused = session.excused ? `, ${session.excused} excused` : '';
  if (!session.is_running) return `${session.expected} expected${excused}`;
  return `${session.present} of ${session.expected} here${excused}, ${session.missing} missing`;
}

function one(absent) {
  const said = absent.notice ? `, told ahead (${plain(absent.notice.kind)})` : '';
  const noShow = absent.status === 'unexcused' ? ', a no-show' : '';
  return element('li', {}, element('strong', {}, absent.patient_name),
    element('span', { class: 'aside' }, `${absent.minutes_since_start} min after the start${said}${noShow}`),
    absent.phone ? element('a', { href: `tel:${absent.phone}` }, absent.phone) : null);
}

// Whose week the middle of it found short, as far as nobody has dealt with it.
function tooFewHours(program) {
  const short = alerts.withRule(TOO_FEW_HOURS).filter((alert) => alert.program_id === program.id);
  if (!short.length) return null;
  return [element('h3', {}, 'Too few hours this week'), element('ul', { class: 'short' }, short.map((alert) => element('li', {},
    element('a', { href: `#/alerts/${alert.id}` }, alert.patient_name),
    element('span', { class: 'aside' }, alert.sentence))))];
}
