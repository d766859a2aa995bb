"""Who is asking, and in whose name: the actor of a request, an agent at work for a home, addresses.

What each actor may see of a home is said where that is read; roles and posts themselves are in `places`.
"""
