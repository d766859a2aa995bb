"""What a visitor's browser does, in Python."""

from __future__ import annotations

import json

import altcha

from marelle.robots.challenges import Challenge, Claim


def solved(challenge: Challenge) -> Claim:
    """The work done, as the script posts it."""
    work = altcha.Challenge.from_dict(json.loads(challenge.work))
    solution = altcha.solve_challenge(work)
    assert solution is not None
    return Claim(solution=altcha.Payload(work, solution).to_base64())


def answered(challenge: Challenge) -> Claim:
    """The right sum."""
    return Claim(token=challenge.token, answer=str(sum(challenge.terms)))
