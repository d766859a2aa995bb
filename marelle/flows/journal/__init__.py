"""What was written of the past, in French: a home's own history, and what agents did.

Acts are written by each service, in the package `journal`.
"""
