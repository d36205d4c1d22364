"""Signed messages to other people's systems, and the verifying of theirs. No database, no page, no policy.

catalogue   EventType; EVENTS: {type: what it means}, which endpoints choose from; TEST, HANDED_OFF
body        event(type, at, *, alert_id, patient_id, sequence, position) -> bytes
            test(at) -> bytes
            hand_off(at, *, hand_off_id, alert_id, patient_id, answer_by, answer_url) -> bytes
            message_id(delivery_id) -> "msg_…"
signature   new_secret() -> "whsec_…"
            headers(secrets, message_id, now, body) -> {webhook-id, webhook-timestamp, webhook-signature}
            verify(secrets, headers, raw, now) -> Verified(message_id, timestamp) | None; TOLERANCE
schedule    next_attempt(made, now, *, chance, retry_after=None) -> datetime | None; ATTEMPTS
            has_failed_too_long(failing_since, now) -> bool; FAILING_FOR, LONGEST_OVERLAP
client      await post(url, headers, body, *, private_hosts=(), timeout=15.0)
            -> Answer(code, status, retry_after, milliseconds); Code
addresses   await fault_of(url, *, private_hosts=()) -> Fault | None
"""
