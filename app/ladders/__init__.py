"""Who is told, and when it may be: pure, without a database, a clock or the network.

`wall` turns a time on somebody's wall into a moment and back over the changes of the clocks. `calendar` holds
a program's working days, quiet hours and check-in days, `due` says when an alert must be answered, `ladder`
who is told after how long, `on_call` whose week it is, `cadence` which questionnaires a patient owes, and
`reminders` when a phone speaks up by itself.
`now` is an argument of whatever needs it, and every moment that comes back is in UTC.
"""
