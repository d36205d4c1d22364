// Follows the feed of alerts: streamed while that works, and otherwise a poll every few seconds.

import { authorized, call } from './api.js';

const POLL = 4000;
const SILENCE = 40000; // the server says something every 15 s; longer than this and the line is dead
const STEADY = 5000; // a stream that lasted so long was none that failed
const RETRY = [1000, 2000, 5000, 10000, 20000];

const pause = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
});

// Calls `look` once now and then whenever something happened, until `signal` aborts. `look` asks the API for
// what is shown, with its ETag, so that one call too many costs nothing. `tell` hears 'live', 'polling', 'away', and 'none'
// for somebody who may not follow.
export async function follow({ look, tell, signal }) {
  let cursor = null;
  let failures = 0;
  while (!signal.aborted) {
    const began = Date.now();
    try {
      cursor ??= (await call('/v1/alerts/feed?after=latest', { signal })).data.next;
      await look();
      await stream(cursor, {
        signal,
        onOpen: () => tell('live'),
        onEvent: async (id, happened) => { cursor = id || cursor; if (happened) await look(); },
      });
    } catch (failure) {
      if (failure.status === 403) tell('none');
      if (signal.aborted || failure.status === 401 || failure.status === 403) return;
    }
    failures = Date.now() - began > STEADY ? 1 : failures + 1; // a stream ends with its access token
    if (failures > 1) await poll(RETRY[Math.min(failures - 2, RETRY.length - 1)], look, tell, signal);
  }
}

async function poll(during, look, tell, signal) {
  const until = Date.now() + during;
  while (!signal.aborted && Date.now() < until) {
    try {
      await look();
      tell('polling');
    } catch {
      tell('away');
    }
    await pause(Math.min(POLL, Math.max(0, until - Date.now())), signal);
  }
}

// One connection. Server-sent events are read by hand, because EventSource sends no Authorization.
async function stream(cursor, { signal, onOpen, onEvent }) {
  const line = new AbortController();
  const hangUp = () => line.abort();
  signal.addEventListener('abort', hangUp, { once: true });
  let watchdog = setTimeout(hangUp, SILENCE);
  try {
    const reply = await authorized(`/v1/alerts/stream?after=${encodeURIComponent(cursor)}`, {
      accept: 'text/event-stream', signal: line.signal,
    });
    onOpen();
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(hangUp, SILENCE);
      const blocks = (text + value.replaceAll('\r\n', '\n')).split('\n\n');
      text = blocks.pop();
      for (const block of blocks) await onEvent(...read(block));
    }
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener('abort', hangUp);
    line.abort();
  }
}

// The id of an event, and whether something happened: some only move the cursor on, or say that all is well.
function read(block) {
  let id = '';
  let happened = false;
  for (const line of block.split('\n')) {
    if (line.startsWith('id:')) id = line.slice(3).trim();
    if (line.startsWith('data:')) happened = true;
  }
  return [id, happened];
}
