"""Whose account somebody opens whom an identity provider has recognised, and has never opened one here.

Compared with what the office holds, never guessed: in doubt somebody of the office says who it is. What a
provider tells, and how it is believed, is in `accounts.oidc`.
"""
