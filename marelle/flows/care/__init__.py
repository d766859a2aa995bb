"""A child's care across the floors: which structures ask, which hear of a change, what each agent may read.

Health, contacts and permissions themselves are written by `families.care`.
"""
