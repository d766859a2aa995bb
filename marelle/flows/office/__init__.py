"""A home as its agents open it: found, read on one page, created, shown beside a case.

Acting in its name is in `flows.actor`, its cases in `flows.desk`.
"""
