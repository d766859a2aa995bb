"""The bills as accounts: what happened to each, what an exercise comes to, how it is closed."""
