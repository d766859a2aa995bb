"""What goes on without anybody: the worker, its rounds, what is purged after its delay.

What it does for a domain is a service of that domain.
"""
