// Who is on call now, program by program.

import { Refusal, call } from './api.js';
import { byId, element, fill, show } from './dom.js';
import { moment } from './words.js';

let known = new Map();

export const onCallFor = (programId) => known.get(programId)?.staff_member?.name ?? null;

export function forget() {
  known = new Map();
  fill(byId('on-call'));
  show(byId('on-call'), false);
}

// Asks, and shows it. Whoever may not know sees nothing of it.
export async function look() {
  try {
    const { items } = (await call('/v1/on-call')).data;
    known = new Map(items.map((each) => [each.program.id, each]));
    draw(items.filter((each) => each.on_call_schedule_id !== null));
  } catch (failure) {
    if (!(failure instanceof Refusal)) throw failure;
    if (failure.status === 403) forget();
  }
}

function draw(duties) {
  show(byId('on-call'), duties.length > 0);
  fill(byId('on-call'), element('strong', {}, 'On call now'), duties.map((each) => element('span', {},
    `${each.program.name}: `,
    element('span', { class: each.staff_member ? '' : 'fault' }, each.staff_member?.name ?? 'nobody'),
    each.until ? ` until ${moment(each.until)}` : '')));
}
