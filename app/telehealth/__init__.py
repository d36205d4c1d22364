"""What telehealth platforms tell, and what it comes to. Pure: no database, no HTTP, no clock.

told        Told, Who, Challenge: what a call says, whichever platform it came from; Unreadable
generic     calls signed by Standard Webhooks: verify, read
zoom        calls of Zoom: verify, read, answer to its URL validation
presence    when somebody was in a meeting, from events in any order; what it comes to in a session
"""
