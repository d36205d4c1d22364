// Why an alert is here: its rule, what it looked at, and whether the same comes out again.

import { element } from './dom.js';
import { day, grade, signal } from './words.js';

const READINGS = 8;

export function why(explanation) {
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
    element('p', { class: 'aside' }, rule ? `Rule ${rule.code}, version ${explanation.rule_set_version}. ` : '',
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
