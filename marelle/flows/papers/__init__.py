"""Papers and enrolments together: what is asked of whom, who checks it, what is missing, what is mailed.

The papers themselves, their types and their decisions are in `papers`.
"""
