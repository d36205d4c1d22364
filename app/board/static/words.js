// How the board says what the API says in codes.

import { element } from './dom.js';

export const SEVERITIES = ['critical', 'urgent', 'high', 'routine'];
const STATUS = { open: 'Open', acknowledged: 'Acknowledged', resolved: 'Resolved' };
export const OUTCOMES = {
  contacted: 'Contacted',
  safety_plan_reviewed: 'Safety plan reviewed',
  assessed_no_action: 'Assessed, no action needed',
  care_plan_changed: 'Care plan changed',
  higher_level_of_care: 'Higher level of care',
  emergency_services: 'Emergency services',
  unreachable: 'Could not be reached',
  duplicate: 'Duplicate',
  not_clinical: 'Not clinical',
};
const SETTLED = { made_up: 'Made up for in another session', corrected: 'The attendance was corrected' }; // by itself
const LOG = {
  opened: 'Opened',
  repeated: 'Found again',
  reopened: 'Found again and reopened',
  acknowledged: 'Acknowledged',
  resolved: 'Resolved',
  assigned: 'Assigned',
  noted: 'Note',
  ended: 'Everybody was told, and nobody is told any more',
  expired: 'Nothing was done about it in time: open again',
  snoozed: 'Snoozed',
  woken: 'The snooze is over: open again',
  restored: 'Put right by Handrail: it had gone missing',
  declined: 'Declined by the crisis service: the next one is told',
  answered_late: 'The crisis service answered, too late',
  answered_in_vain: 'The crisis service answered: that changed nothing',
};
const TELL = {
  primary: 'the primary counselor',
  on_call: 'whoever is on call',
  supervisor: 'the supervisor',
  crisis_service: 'the crisis service',
};
const CHANNEL = { email: 'by e-mail', sms: 'by text message', chat: 'by chat', pager: 'by pager', crisis_service: 'as a call for help' };
const ATTEMPT = {
  refused: 'it was refused',
  timed_out: 'there was no answer in time',
  failed: 'nothing was reached there',
  no_address: 'no address is known',
  not_in_care: 'does not work with this patient any more',
};
const GRADES = {
  published: 'Published cut-off or study',
  'common-practice': 'Common practice',
  measured: 'Measured on real records',
  regulatory: 'Regulation',
  design: 'Design choice of ours',
};

let skew = 0; // the server's clock against this one, in ms

export function setServerTime(text) {
  skew = Date.parse(text) - Date.now();
}

export const now = () => Date.now() + skew;
export const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
export const status = (code) => STATUS[code] ?? code;
export const outcome = (code) => OUTCOMES[code] ?? SETTLED[code] ?? code;
export const logEntry = (kind) => LOG[kind] ?? kind;
export const whom = (tell) => TELL[tell] ?? tell;
export const by = (channel) => CHANNEL[channel] ?? channel;
export const attempt = (code) => ATTEMPT[code] ?? 'the address cannot be used';
export const grade = (code) => GRADES[code] ?? code;
export const plain = (code) => code.replaceAll(/[_-]/g, ' ');
export const signal = (code) => plain(code).replace('phq9.item9', 'PHQ-9 item 9').replace('phq9.', 'PHQ-9 ').replace('gad7.', 'GAD-7 ');

// A word in a shape of its own: octagon, triangle, diamond, circle. Colour only repeats what they say.
export function severityMark(severity) {
  return element('span', { class: `severity ${severity}` },
    element('span', { class: 'shape', 'aria-hidden': 'true' }), capital(severity));
}

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const moments = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' });
const days = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });

export const time = (text) => clock.format(new Date(text));
export const moment = (text) => moments.format(new Date(text));
export const day = (text) => days.format(new Date(`${text}T00:00:00Z`));

export function when(text) {
  return element('time', { datetime: text }, moment(text));
}

function span(milliseconds) {
  const minutes = Math.max(1, Math.round(milliseconds / 60000));
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) {
    const rest = minutes % 60;
    return `${Math.floor(minutes / 60)} h${rest && minutes < 10 * 60 ? ` ${rest} min` : ''}`;
  }
  return `${Math.round(minutes / 1440)} days`;
}

function tellDue(part) {
  const left = Date.parse(part.dateTime) - now();
  part.textContent = left >= 0 ? `Due in ${span(left)}` : `Overdue by ${span(-left)}`;
  part.classList.toggle('overdue', left < 0);
  part.classList.toggle('soon', left >= 0 && left < 30 * 60000);
}

export function due(text) {
  const part = element('time', { datetime: text, class: 'due' });
  tellDue(part);
  return part;
}

// How long it is until then, for the middle of a sentence.
export function ahead(text) {
  const part = element('time', { datetime: text, class: 'ahead' });
  tellAhead(part);
  return part;
}

function tellAhead(part) {
  const left = Date.parse(part.dateTime) - now();
  part.textContent = left > 0 ? `in ${span(left)}` : 'at any moment';
}

export function retellTimes() {
  document.querySelectorAll('time.due').forEach(tellDue);
  document.querySelectorAll('time.ahead').forEach(tellAhead);
}
