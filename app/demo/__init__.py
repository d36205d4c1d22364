"""A clinic made of invented people, and real answers to score."""
