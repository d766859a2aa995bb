"""« À traiter »: the cases that wait for an agent, what is shown beside them, passing them, undoing them.

What a decision does is a service of the domain that it is about; a home as a whole is in `flows.office`.
"""
