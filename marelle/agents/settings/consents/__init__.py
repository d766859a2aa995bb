"""The authority's list of authorisations, kept by the office."""
