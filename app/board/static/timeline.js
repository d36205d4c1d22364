// What happened to an alert, who was told, and what comes next if nobody does anything.

import { element } from './dom.js';
import { onCallFor } from './on_call.js';
import { ahead, attempt, by, logEntry, moment, now, outcome, when, whom } from './words.js';

const ON_ITS_WAY = 60000; // a page that was to go out longer ago than this is no longer expected every moment

export function happened(timeline) {
  return [element('h3', {}, 'What happened'), element('ol', { class: 'log' }, lines(timeline.items).map(line))];
}

// What Handrail does by itself, in a sentence; nothing when it is through with the alert.
export function next(alert, { next: coming }) {
  if (alert.status === 'resolved') return null;
  if (coming === null) return 'Nobody else is told of this by itself.';
  const at = ahead(coming.at);
  const name = coming.tell === 'on_call' ? onCallFor(alert.program_id) : null;
  const who = element('strong', {}, name ? `${name}, on call,` : whom(coming.tell));
  return {
    tell_next_step: ['If nobody answers, ', who, ' is told ', at, '.'],
    end_ladder: ['Everybody was told. It is given up ', at, '.'],
    end_snooze: [`Snoozed until ${moment(alert.snoozed_until)}. Then `, who, ' is told, ', at, '.'],
    take_back_acknowledgement: ['If nothing more is done, it is open again ', at, ', and ', who, ' is told.'],
  }[coming.does];
}

// Whether a page is just being delivered: then it is worth looking again soon.
export function isUnderWay(timeline) {
  return lines(timeline.items).some((each) => each.kind === 'page' && each.state === 'waiting'
    && Math.abs(now() - Date.parse(each.until ?? each.at)) < ON_ITS_WAY);
}

// One line for what the API tells in several: a finding with what it did, a page with its attempts.
function lines(items) {
  const pages = new Map();
  let sentence = null;
  return items.flatMap((item) => {
    if (item.kind === 'found') {
      sentence = item.occurrence > 1 ? item.text : null;
      return [];
    }
    if (item.kind.startsWith('page_')) return page(item, pages);
    const text = ['repeated', 'reopened'].includes(item.kind) ? sentence : item.text;
    return [{ ...item, text }];
  });
}

function page(item, pages) {
  const key = [item.cycle, item.step, item.recipient?.id, item.channel].join();
  if (item.kind === 'page_intended') {
    pages.set(key, { ...item, kind: 'page', state: 'waiting', failed: [] });
    return [pages.get(key)];
  }
  const known = pages.get(key);
  if (!known) return []; // it was intended before the oldest that is shown
  if (item.kind === 'page_attempted') {
    if (item.outcome !== 'sent') known.failed.push(item.outcome);
  } else {
    known.state = item.kind.replace('page_', '');
    known.settled = item.at;
  }
  return [];
}

function line(item) {
  return element('li', {}, when(item.at), element('span', {}, words(item)), item.text ? element('q', {}, item.text) : null);
}

function words(item) {
  const outside = item.kind === 'acknowledged' && item.tell === 'crisis_service' ? ` by ${whom('crisis_service')}` : '';
  const author = item.author ? ` by ${item.author.name}` : outside;
  switch (item.kind) {
    case 'page': return pageWords(item);
    case 'told': return [element('strong', {}, 'Told'), `: ${whom(item.tell)}`];
    case 'skipped': return [element('strong', {}, 'Nobody to tell'), `: ${whom(item.tell)} could not be told, so the next one is`];
    case 'undelivered': return [element('strong', {}, 'Not reached'), `: ${whom(item.tell)}; the next one is told`];
    case 'assigned': return [element('strong', {}, 'Given'), ` to ${item.recipient?.name ?? 'somebody'}${author}`];
    case 'snoozed': return [element('strong', {}, 'Snoozed'), `${author} until ${moment(item.until)}`];
    default: return [element('strong', {}, logEntry(item.kind)), author, item.outcome ? `: ${outcome(item.outcome)}` : ''];
  }
}

function pageWords(item) {
  const to = item.channel === 'crisis_service' ? whom('crisis_service') : item.recipient?.name ?? 'somebody';
  const failures = item.failed.length ? `, ${attempt(item.failed.at(-1))}` : '';
  const ends = {
    waiting: item.until ? `: waits until ${moment(item.until)}` : `: on its way${failures}`,
    sent: `: delivered ${moment(item.settled ?? item.at)}`,
    failed: `: not delivered${failures}`,
    dropped: ': not needed any more',
  };
  return [element('span', { class: `page ${item.state}` }, `Page to ${to} ${by(item.channel)}${ends[item.state]}`)];
}
