"""The verbs that change something. Services know no HTTP, and never commit."""
