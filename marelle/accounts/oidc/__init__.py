"""Identity providers: FranceConnect, ProConnect, and the OpenID Connect issuer of a town.

What is asked of one and what is believed of its answers; no row is read or written here. Who an answer is to
this portal is said above: `accounts.services.identities`, and `flows.identities` for who is not known yet.
"""
