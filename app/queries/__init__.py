"""Every hand-written statement, scoped by the actor. Reads come straight here from the routers."""
