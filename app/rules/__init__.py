"""What we watch for, and whether it holds: pure, without a database, a clock or the network.

A `reading` is one value of one `signals` signal; a `history` is a patient's readings in order. `conditions`
is the closed set of tests, `rule` gives one its severity and its sentence, `floor` holds the rules that
nobody switches off, `default_pack` those that a program starts with. `judge` decides one condition, `wording`
says it in plain words, `evidence` keeps what it rested on, and `evaluate` puts them together for everybody
who asks. `lookback` says how much history must be loaded before asking, `absence` when to ask though nobody
answered.

For those who own the rules: `vocabulary` names the signals of a program and `fit` holds a condition against
them, `unfit` says why a rule is refused, `diff` and `telling` what a version changes, `form` and `together`
what a form for rules is built from.
"""
