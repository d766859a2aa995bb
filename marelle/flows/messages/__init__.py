"""What the authority sends: whom a piece of news is for, letters, reminders, replies, its own words.

Threads are in `messaging`, the outbox in `mail`; mails that papers send are in `flows.papers`.
"""
