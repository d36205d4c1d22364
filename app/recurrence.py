"""When something repeats on the clock of a place, by the rules of RFC 5545."""
