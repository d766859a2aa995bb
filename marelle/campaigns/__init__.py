"""Who gets which place when many ask at once: rights, the draw, serial choice, what each home is told.

Everything that decides is pure, and tells nothing of a home but its ticket. `verifier.py` is another program:
it shares no line with the rest and judges what the rest has decided.
"""
