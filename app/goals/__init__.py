"""What patient and counselor agree to reach, and how it goes: pure, without a database or a clock.

`terms` is what a goal says, `smart` what a draft lacks, `marks` what was done on which day, `pace` where it
should be by now, `streak` how often in a row it was done, and `standing` what comes of all that today, and
when it may change. `today` is an argument of whatever needs it.
"""
